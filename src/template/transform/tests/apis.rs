//! APIs and their routes.

use super::{check, function};

/// The errors of a REST API `A` with these properties, on line 4.
#[track_caller]
fn rest(properties: &str, expected: &[&str]) {
    check(&format!("  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: s, {properties}}}}}\n"), expected);
}

#[track_caller]
fn http(properties: &str, expected: &[&str]) {
    check(&format!("  A: {{Type: AWS::Serverless::HttpApi, Properties: {{{properties}}}}}\n"), expected);
}

const BODY: &str = "DefinitionBody: {openapi: 3.0.1, paths: {/a: {get: {responses: {}}}}}";

#[test]
fn definitions() {
    rest("DefinitionUri: s3://b/k", &[]);
    rest("DefinitionUri: s3://b", &["4: `DefinitionUri` of `A` is no place in a bucket"]);
    rest(&format!("DefinitionUri: a.yaml, {BODY}"), &["4: `A` has two definitions"]);
    rest(
        "DefinitionUri: a.yaml, MergeDefinitions: true",
        &["4: the definition of `A` lies elsewhere, and can't be merged"],
    );
    rest(
        "DefinitionUri: a.yaml, Cors: \"'*'\"",
        &["4: `Cors` of `A` is written into a definition that lies elsewhere"],
    );
    http("DefinitionUri: a.yaml, Tags: {a: b}", &["4: `Tags` of `A` is written into a definition that lies elsewhere"]);
    rest(&format!("Cors: \"'*'\", {BODY}"), &[]);
    rest(
        "Cors: \"'*'\", DefinitionBody: {openapi: 3.0.1}",
        &["4: the definition of `A` lacks what SAM needs to write into it"],
    );
    rest(
        "Cors: \"'*'\", DefinitionBody: {swagger: 2.0, paths: {/a: text, /b: !If [C, {}, x]}}",
        &[
            "4: the path `/a` in the definition of `A` must be a mapping",
            "4: the path `/b` in the definition of `A` must be a mapping",
        ],
    );
    rest("DefinitionBody: {swagger: 2.0, paths: {/a: text}}", &[]);
    rest(
        "DefinitionBody: {openapi: 3.0.1, paths: {/a: text}}",
        &["4: the path `/a` in the definition of `A` must be a mapping"],
    );
    rest(
        "DefinitionBody: {openapi: 3.0.1, paths: {/a: {options: {responses: text}}}}",
        &["4: what leads to `200` in `options` of the path `/a` in the definition of `A` must be a mapping"],
    );
    rest(
        "DisableExecuteApiEndpoint: true, DefinitionBody: {swagger: 2.0, paths: {}, x-amazon-apigateway-endpoint-configuration: x}",
        &["4: `x-amazon-apigateway-endpoint-configuration` of `A` must be a mapping"],
    );
    http(
        "DefinitionBody: {openapi: 3.0.1, paths: {}, tags: {name: t}}",
        &["4: `tags` in the definition of `A` must be a list"],
    );
    rest("OpenApiVersion: 3.0.1", &[]);
    rest("OpenApiVersion: '4.0'", &["4: `OpenApiVersion` of `A` is no version"]);
}

#[test]
fn methods_that_are_guarded() {
    let guarded = |method: &str| {
        format!("Auth: {{ApiKeyRequired: true}}, DefinitionBody: {{swagger: 2.0, paths: {{/a: {{{method}}}}}}}")
    };
    rest(&guarded("get: {}, parameters: []"), &[]);
    rest(&guarded("get: !If [C, {}, !Ref AWS::NoValue]"), &[]);
    rest(&guarded("get: "), &["4: the method `get` of the path `/a` in the definition of `A` must be a mapping"]);
    rest(
        &guarded("get: {x-amazon-apigateway-integration: {a: b}, security: [x]}"),
        &["4: each `security` of the method `get` of the path `/a` in the definition of `A` must be a mapping"],
    );
    rest(&guarded("get: {security: [x]}"), &[]);
    let signed = |authorizer: &str| {
        let get = "get: {x-amazon-apigateway-integration: {a: b}, security: }";
        format!(
            "Auth: {{DefaultAuthorizer: {authorizer}}}, DefinitionBody: {{openapi: 3.0.1, paths: {{/a: {{{get}}}}}}}"
        )
    };
    rest(
        &signed("AWS_IAM"),
        &["4: `security` of the method `get` of the path `/a` in the definition of `A` must be a list"],
    );
    rest(&signed("Other"), &[]);
    let jwt = "{IdentitySource: i, JwtConfiguration: {issuer: i}}";
    http(
        &format!(
            "Auth: {{Authorizers: {{J: {jwt}}}, DefaultAuthorizer: J}}, DefinitionBody: {{openapi: 3.0.1, paths: {{/a: {{any: {{}}}}}}}}"
        ),
        &["4: the method `any` of the path `/a` in the definition of `A` can't be named so"],
    );
}

#[test]
fn cross_origin_requests() {
    rest("Cors: {AllowMethods: \"'GET'\"}", &[]);
    rest("Cors: {AllowOrigins: x}", &["4: `Cors` of `A` can't have `AllowOrigins`"]);
    let everybody = |key: &str| format!("4: `{key}` of `A` lets everybody send credentials");
    rest("Cors: {AllowCredentials: true}", &[&everybody("Cors")]);
    rest("Cors: {AllowCredentials: true, AllowOrigin: \"'a'\"}", &[]);
    rest(&format!("Cors: {{AllowOrigin: ''}}, {BODY}"), &["4: `AllowOrigin` of `Cors` of `A` is empty"]);
    rest("Cors: {AllowOrigin: ''}", &[]);
    http("CorsConfiguration: {AllowCredentials: true, AllowOrigins: ['*']}", &[&everybody("CorsConfiguration")]);
    http("CorsConfiguration: {AllowCredentials: true}", &[]);
}

#[test]
fn authorizers() {
    let auth =
        |authorizer: &str, expected: &[&str]| rest(&format!("Auth: {{Authorizers: {{Z: {authorizer}}}}}"), expected);
    auth("{UserPoolArn: a}", &[]);
    auth("{FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {Headers: [h]}}", &[]);
    auth("{FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {ReauthorizeEvery: 0}}", &[]);
    let whose = "the authorizer `Z` of `A`";
    auth(
        "{FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {ReauthorizeEvery: 9}}",
        &[&format!("4: {whose} looks at nothing of the request")],
    );
    auth("{FunctionPayloadType: JSON}", &[&format!("4: `FunctionPayloadType` of {whose} is none that SAM knows")]);
    auth("{UserPoolArn: a, Identity: text}", &[&format!("4: `Identity` of {whose} must be a mapping")]);
    auth("{AuthorizationScopes: s}", &[&format!("4: `AuthorizationScopes` of {whose} must be a list")]);
    auth("text", &[&format!("4: {whose} must be a mapping")]);
    rest("Auth: {Default: x}", &["4: `Auth` of `A` can't have `Default`"]);
    rest(
        "Auth: {Authorizers: {Z: {UserPoolArn: a}}, DefaultAuthorizer: Y}",
        &["4: the default authorizer of `A` isn't among its authorizers"],
    );
    rest(
        "Auth: {Authorizers: {Z: {UserPoolArn: a}}, DefaultAuthorizer: !Sub Z}",
        &["4: `DefaultAuthorizer` of `A` must be a plain text"],
    );
    http("Auth: {DefaultAuthorizer: AWS_IAM, EnableIamAuthorizer: true}", &[]);
    http("Auth: {DefaultAuthorizer: AWS_IAM}", &["4: the default authorizer of `A` isn't among its authorizers"]);
    let http_auth =
        |authorizer: &str, expected: &[&str]| http(&format!("Auth: {{Authorizers: {{Z: {authorizer}}}}}"), expected);
    http_auth("{FunctionArn: a, AuthorizerPayloadFormatVersion: 1.0}", &[]);
    http_auth("{FunctionArn: a}", &[&format!("4: {whose} lacks `AuthorizerPayloadFormatVersion`")]);
    http_auth(
        "{JwtConfiguration: {issuer: i}, IdentitySource: s, FunctionArn: a}",
        &[&format!("4: {whose} can't have `FunctionArn`: an authorizer is a function, or looks at tokens")],
    );
}

#[test]
fn what_else_an_api_sets() {
    rest(
        "Auth: {UsagePlan: {CreateUsagePlan: ALL, Name: x}}",
        &[
            "4: `CreateUsagePlan` of `UsagePlan` of `Auth` of `A` is none that SAM knows",
            "4: `UsagePlan` of `Auth` of `A` can't have `Name`",
        ],
    );
    rest("Auth: {UsagePlan: {}}", &["4: `UsagePlan` of `Auth` of `A` lacks `CreateUsagePlan`"]);
    rest("Auth: {ResourcePolicy: text}", &["4: `ResourcePolicy` of `Auth` of `A` must be a mapping"]);
    rest(
        &format!("Auth: {{ResourcePolicy: {{SourceVpcWhitelist: [!Sub x, y]}}}}, {BODY}"),
        &["4: `SourceVpcWhitelist` of `Auth` of `A` must list plain texts"],
    );
    rest(
        "GatewayResponses: {X: {StatusCode: abc, ResponseParameters: {Footers: {}}}, Y: 3}",
        &[
            "4: `StatusCode` of the gateway response `X` of `A` is no number",
            "4: `ResponseParameters` of the gateway response `X` of `A` can't have `Footers`",
            "4: the gateway response `Y` of `A` must be a mapping",
        ],
    );
    rest("Models: {User: {properties: {}}}", &["4: the model `User` of `A` has no `type`"]);
    rest(
        "EndpointConfiguration: {Type: PRIVATE, VPCEndpointIds: [a], VpcEndpointIds: [b]}",
        &["4: `A` names its VPC endpoints twice"],
    );
}

#[test]
fn domains() {
    let domain = |rest_of: &str, expected: &[&str]| {
        rest(&format!("Domain: {{DomainName: d, CertificateArn: c, {rest_of}}}"), expected);
    };
    domain("BasePath: [a], Route53: {HostedZoneId: z}, EndpointConfiguration: EDGE", &[]);
    rest("Domain: {DomainName: d}", &["4: `Domain` of `A` lacks `CertificateArn`"]);
    domain("BasePath: [3]", &["4: `BasePath` of `Domain` of `A` must be a plain text"]);
    domain("Route53: {IpV6: true}", &["4: `Route53` of `Domain` of `A` names no zone"]);
    domain("Route53: z", &["4: `Route53` of `Domain` of `A` must be a mapping"]);
    domain(
        "Route53: {HostedZoneId: z, SeparateRecordSetGroup: x}",
        &["4: `SeparateRecordSetGroup` of `Domain` of `A` must be true or false"],
    );
    domain(
        "MutualTlsAuthentication: {Truststore: x}",
        &["4: `MutualTlsAuthentication` of `Domain` of `A` can't have `Truststore`"],
    );
    domain("EndpointConfiguration: GLOBAL", &["4: `EndpointConfiguration` of `Domain` of `A` is none that SAM knows"]);
    domain(
        "EndpointConfiguration: PRIVATE, AccessAssociation: x",
        &["4: `AccessAssociation` of `Domain` of `A` must be a mapping"],
    );
    http(
        "Domain: {DomainName: d, CertificateArn: c, BasePath: ['a*b']}",
        &["4: `BasePath` of `Domain` of `A` is no path"],
    );
}

#[test]
fn web_sockets() {
    let socket = |properties: &str, expected: &[&str]| {
        let api = format!(
            "  A: {{Type: AWS::Serverless::WebSocketApi, Properties: {{RouteSelectionExpression: r, {properties}}}}}\n"
        );
        check(&api, expected);
    };
    let routes = "Routes: {$connect: {FunctionArn: f}, chat: {FunctionArn: f}}";
    socket(&format!("{routes}, Auth: {{AuthType: CUSTOM, AuthArn: a}}, IpAddressType: ipv4, StageName: s"), &[]);
    socket("Routes: {}", &["4: `A` has no routes"]);
    socket("Routes: {a-b: {FunctionArn: f}}", &["4: the route `a-b` of `A` has a key that SAM can't name"]);
    socket("Routes: {chat: {}}", &["4: the route `chat` of `A` has no function"]);
    socket(
        "Routes: {chat: {FunctionArn: f, RequestParameters: {a: b}}}",
        &["4: the route `chat` of `A` can't have request parameters"],
    );
    socket(&format!("{routes}, StageName: $default"), &["4: `StageName` of `A` can't be `$default`"]);
    socket(&format!("{routes}, IpAddressType: ipv6"), &["4: `IpAddressType` of `A` is none that SAM knows"]);
    socket(&format!("{routes}, Auth: {{AuthType: CUSTOM}}"), &["4: `Auth` of `A` has no function that decides"]);
    socket(&format!("{routes}, Auth: {{AuthArn: a}}"), &["4: `Auth` of `A` has no `AuthType`"]);
    socket(&format!("{routes}, Auth: {{AuthType: Custom}}"), &["4: `AuthType` of `A` is none that SAM knows"]);
    socket(&format!("{routes}, Auth: {{AuthType: NONE, AuthArn: a}}"), &["4: `Auth` of `A` can't have `AuthArn`"]);
    socket("Routes: {chat: {FunctionArn: f}}, Auth: {AuthType: AWS_IAM}", &["4: `Auth` of `A` has no route to guard"]);
}

/// The errors of a function with this route, on line 9, and of the API `A`, on line 10.
#[track_caller]
fn route(properties: &str, api: &str, expected: &[&str]) {
    let events = format!("Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: get, {properties}}}}}}}");
    let api = format!("  A: {{Type: AWS::Serverless::Api, Properties: {{{api}}}}}\n");
    check(&format!("{}{api}", function(&events)), expected);
}

#[test]
fn routes() {
    let own = |properties: &str, api: &str, expected: &[&str]| {
        route(&format!("RestApiId: !Ref A, {properties}"), &format!("StageName: s, {api}"), expected);
    };
    own("", "", &[]);
    let whose = "the event `E` of `F`";
    route("RestApiId: !Ref X", "StageName: s", &[&format!("9: `RestApiId` of {whose} names no API of this template")]);
    route(
        "RestApiId: !ImportValue x",
        "StageName: s",
        &[&format!("9: `RestApiId` of {whose} must be the name of an API")],
    );
    route("RestApiId: !Ref A", "StageName: ''", &["10: `StageName` of `A` is empty"]);
    let undefined = format!("9: the authorizer of {whose} is none that `A` defines");
    own("Auth: {Authorizer: Z}", "Auth: {Authorizers: {Z: {UserPoolArn: a}}}", &[]);
    own("Auth: {Authorizer: AWS_IAM}", "", &[]);
    own("Auth: {Authorizer: Z}", "", &[&undefined]);
    own("Auth: {Authorizer: Y}", "Auth: {Authorizers: {Z: {UserPoolArn: a}}}", &[&undefined]);
    own("Auth: {Authorizer: NONE}", "", &[&format!("9: {whose} wants no authorizer, and its API has no default one")]);
    own("Auth: {AuthorizationScopes: [s]}", "", &[&format!("9: {whose} has scopes, and no authorizer")]);
    own("Auth: {ApiKeyRequired: false}", "", &[&format!("9: {whose} needs no key, and its API asks for none")]);
    own("Auth: {Authorizer: Z}", "DefinitionUri: a.yaml", &[]);
    own(
        "Auth: {OverrideApiAuth: true}",
        BODY,
        &[&format!("9: {whose} overrides the authorization of its API by nothing")],
    );
    own("RequestModel: {Model: User}", "Models: {User: {type: object}}", &[]);
    own("RequestModel: {Model: User}", "", &[&format!("9: the model of {whose} is none that `A` defines")]);
    own(
        "RequestModel: {Model: User, ValidateBody: 'true'}",
        "Models: {User: {type: object}}",
        &[&format!("9: `ValidateBody` of {whose} must be true or false")],
    );
    own("RequestParameters: [method.request.header.A, {method.request.path.b: {Required: true}}]", "", &[]);
    own(
        "RequestParameters: [header.A, {method.request.path.b: {Needed: true}}]",
        "",
        &[
            &format!("9: a request parameter of {whose} has no name that SAM knows"),
            &format!("9: a request parameter of {whose} can't have `Needed`"),
        ],
    );
}

#[test]
fn routes_of_http_apis() {
    let event = |properties: &str, api: &str, expected: &[&str]| {
        let events = format!("Events: {{E: {{Type: HttpApi, Properties: {{ApiId: !Ref A, {properties}}}}}}}");
        let api = format!("  A: {{Type: AWS::Serverless::HttpApi, Properties: {{{api}}}}}\n");
        check(&format!("{}{api}", function(&events)), expected);
    };
    let whose = "the event `E` of `F`";
    event("Path: /a, Method: get", "", &[]);
    event("Path: /a", "", &[&format!("9: {whose} lacks `Method`")]);
    event("Auth: {Authorizer: AWS_IAM}", "Auth: {EnableIamAuthorizer: true}", &[]);
    event("Auth: {Authorizer: AWS_IAM}", "", &[&format!("9: the authorizer of {whose} is none that `A` defines")]);
    event(
        "Auth: {AuthorizationScopes: [s]}",
        "",
        &[&format!("9: {whose} has `Auth` without an authorizer, and its API has no default one")],
    );
    event(
        "Path: /a, Method: get",
        "DefinitionBody: {paths: {}}",
        &["10: the definition of `A` lacks what SAM needs to write into it"],
    );
}

#[test]
fn routes_are_there_once() {
    let routes = |first: &str, second: &str, expected: &[&str]| {
        let event = |properties: &str| format!("{{Type: Api, Properties: {{{properties}}}}}");
        check(&function(&format!("Events: {{E: {}, G: {}}}", event(first), event(second))), expected);
    };
    routes("Path: /a, Method: get", "Path: /a, Method: POST", &[]);
    let twice = "9: the event `G` of `F` has a route that another event has";
    routes("Path: /a, Method: get", "Path: /a, Method: GET", &[twice]);
    routes("Path: /a, Method: any", "Path: /a, Method: x-amazon-apigateway-any-method", &[twice]);
    check("Globals: {Api: {Cors: {Origin: x}}}\n", &[]);
    check(
        &format!(
            "{}Globals: {{Api: {{Cors: {{Origin: x}}}}}}\n",
            function("Events: {E: {Type: Api, Properties: {Path: /, Method: get}}}")
        ),
        &["10: `Cors` of `ServerlessRestApi` can't have `Origin`"],
    );
}
