//! Libraries by the name under which they are imported: the standard library (Python 3, and what Python 2 called
//! otherwise), and packages that many programs use. What such a package is given may leave the program, but it does
//! nothing on its own to the tables of this one. A package that isn't listed might: it may be the project's own,
//! installed from elsewhere.

use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// <https://docs.python.org/3/library/>
const STANDARD: &str = "
ConfigParser Cookie HTMLParser Queue StringIO Tkinter __future__ abc aifc annotationlib antigravity argparse
array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cPickle cProfile
cStringIO calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys commands compileall
compression concurrent configparser contextlib contextvars cookielib copy copyreg crypt csv ctypes curses
dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno exceptions
faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext
glob graphlib grp gzip hashlib heapq hmac html http httplib idlelib imaplib imghdr imp importlib inspect io
ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes
mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath
pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline
reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd
smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios
textwrap this thread threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty
turtle turtledemo types typing unicodedata unittest urllib urllib2 urlparse uu uuid venv warnings wave weakref
webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
";

/// Much used packages of <https://pypi.org>, by the name of their module.
const WELL_KNOWN: &str = "
Crypto Cryptodome Cython IPython MySQLdb OpenSSL PIL PyPDF2 aio_pika aioboto3 aiobotocore aiofiles aiohttp
aiohttp_cors aiomysql aioredis airtable alembic alpaca alpaca_trade_api altair amazondax annotated_types
ansible anthropic anyio apiclient apig_wsgi appdirs apscheduler argon2 ariadne arrow asgiref asn1crypto
asyncpg atlassian attr attrs authlib avro awacs aws_assume_role_lib aws_cdk aws_embedded_metrics
aws_encryption_sdk aws_lambda_powertools aws_lambda_typing aws_requests_auth aws_secretsmanager_caching
aws_xray_sdk awscrt awsgi awsiot awswrangler azure babel backoff bandit barcode bcrypt behave benedict betamax
bidict binance black blake3 bleach blinker blist bokeh boltons boto boto3 botocore bottle braintree brotli bs4
bson bugsnag builtins_six cachetools cassandra catboost cattr cattrs cbor2 ccxt celery cerberus certifi cffi
cfn_flip cfnlint cfnresponse chalice chardet charset_normalizer chevron chromadb ciso8601 click
clickhouse_connect clickhouse_driver cloudscraper cohere colander colorama coloredlogs configargparse
configparser2 confluent_kafka connexion consul corsheaders coverage crhelper croniter cryptography cssselect
cv2 cx_Oracle cytoolz dacite dash dask databases dataclasses_json datadog datadog_lambda datasets dateparser
dateutil ddt ddtrace decorator decouple deepdiff deepmerge defusedxml dependency_injector dictdiffer discord
diskcache distro django dns docker docopt docx dotenv dramatiq duckdb dulwich dynaconf ecdsa elasticsearch
elasticsearch_dsl email_validator emoji environs epsagon etcd3 eventlet exifread fabric facebook_business
factory faiss fake_useragent faker falcon fastapi fastavro fastjsonschema fastparquet feedparser fernet ffmpeg
filelock finnhub fiona fire firebase_admin fitz flake8 flask flask_cors flask_jwt_extended flask_login
flask_restful flask_restx flask_sqlalchemy fpdf freezegun frozendict frozenlist fsspec funcy furl future
gensim geoip2 geojson geopandas geopy gevent git github gitlab glom gnupg google google_auth_httplib2
google_auth_oauthlib google_crc32c googleapiclient gql gradio graphene graphql greenlet gremlin_python groq
grpc grpc_status gspread gunicorn h11 h2 h3 hashids holidays html5lib httpcore httplib2 httpx hubspot huey
huggingface_hub humanize hvac hydra hyperlink hypothesis ib_insync idna imageio inflection influxdb
influxdb_client inject injector invoke ipaddress2 ipywidgets iso8601 isodate isort isoweek itsdangerous jedi
jinja2 jinja2_time jira jmespath joblib jose json_log_formatter jsonpatch jsonpath jsonpath_ng jsonpath_rw
jsonpointer jsonschema jupyter jwt kafka kazoo keras kombu ksuid kubernetes lagom langchain langchain_aws
langchain_community langchain_core langchain_openai langdetect langgraph langsmith lark ldap ldap3 librosa
lightgbm litellm litestar llama_index localstack locust loguru lumigo_tracer lxml lz4 mailchimp_marketing
mailjet_rest mako mangum markdown markdown2 markdown_it markupsafe marshmallow marshmallow_dataclass
matplotlib maxminddb maya mcp mechanize memcache mistralai mistune mmh3 mock mongoengine more_itertools moto
motor moviepy msal msgpack msrest msrestazure multidict mutagen mypy mypy_boto3 mypy_boto3_builder
mypy_extensions mysql nacl nanoid napalm nats nbformat neo4j netaddr netmiko networkx newrelic nltk nmap nose
notebook notion_client numba numexpr numpy oauth2client oauthlib omegaconf onnxruntime openai openpyxl
opensearchpy opentelemetry oracledb orjson packaging paho pandas panel parameterized paramiko parso passlib
past pathspec paypalrestsdk pdfminer pdfplumber peewee pendulum pexpect pgpy phonenumbers piexif pika pinecone
pip pkg_resources plaid platformdirs playwright plotly pluggy plumbum ply polars polygon portalocker
postmarker pptx praw premailer prettytable prometheus_client protobuf psutil psycopg psycopg2 publicsuffix2
pulumi punq py7zr pyairtable pyarrow pyasn1 pyathena pycountry pycparser pycurl pydantic pydantic_core
pydantic_extra_types pydantic_settings pydub pykwalify pylibmc pylint pymediainfo pymemcache pymongo pymysql
pynamodb pyodbc pyotp pyparsing pypdf pyppeteer pyproj pyramid pyrsistent pystache pytesseract pytest
pytest_mock python_jose pythonjsonlogger pytz pyzbar pyzipper qdrant_client qrcode quantlib quart rapidjson
rarfile rasterio rds_data redis rediscluster redshift_connector regex replicate reportlab requests
requests_aws4auth requests_mock requests_oauthlib requests_toolbelt responses rest_framework retry retrying
rfc3986 rich robot rollbar rq rsa ruamel ruff s3fs s3transfer sagemaker samtranslator sanic schedule schema
schematics scipy scrapy seaborn selenium sendgrid sentence_transformers sentry_sdk serverless_wsgi setuptools
sh shapely shopify shortuuid simple_salesforce simplejson six skimage sklearn slack slack_bolt slack_sdk
slackclient slugify smart_open snappy sniffio snowflake snowflake_id sortedcontainers soundfile soupsieve
spacy spyne sqlalchemy sqlite_utils sqlmodel square stamina starlette statsd statsmodels stomp strands
strawberry streamlit streamlit_authenticator stripe structlog suds sympy ta tabulate talib tavily telegram
tenacity tensorflow textblob textual thrift thundra tiktoken time_machine tinycss2 tldextract tokenizers toml
tomli tomli_w tomlkit toolz torch torchvision tornado tortoise tox tqdm transformers trino trio troposphere
tweepy twilio typer types_aiobotocore types_boto3 typing_extensions typing_inspect tzdata tzlocal ua_parser
ujson ulid unidecode unittest2 uri_template uritemplate urllib3 user_agents uuid6 uvicorn uvloop validators
vcr voluptuous w3lib watchdog watchtower weasyprint weaviate webdriver_manager webob websocket websockets
webvtt werkzeug wheel whois workalendar wrapt wtforms xarray xgboost xlrd xlsxwriter xlwt xmltodict xxhash
yaml yarl yfinance zeep zenpy zookeeper zope zstandard
";

/// Beginnings of the names of stub packages, which have one for each service.
const FAMILIES: [&str; 4] = ["mypy_boto3_", "types_boto3_", "types_aiobotocore_", "opentelemetry_"];

/// Packages whose name is nobody else's. A folder of that name is a copy of the package, whoever put it there.
const UNMISTAKABLE: &str = "
aioboto3 aiobotocore aws_lambda_powertools aws_xray_sdk boto3 botocore certifi charset_normalizer cryptography dateutil
jmespath moto numpy pandas pip pkg_resources pydantic_core pymysql pynamodb s3transfer setuptools simplejson sqlalchemy
urllib3
";

static LIBRARIES: LazyLock<FxHashSet<&str>> =
    LazyLock::new(|| [STANDARD, WELL_KNOWN].iter().flat_map(|list| list.split_whitespace()).collect());

/// Whether the first part of an import path is a library's.
pub fn is_library(root: &str) -> bool {
    LIBRARIES.contains(root) || FAMILIES.iter().any(|family| root.starts_with(family))
}

/// Whether the first part of an import path is the standard library's.
pub fn is_standard(root: &str) -> bool {
    STANDARD.split_whitespace().any(|known| known == root)
}

/// Whether a package of this name is surely the library.
pub(super) fn is_unmistakable(name: &str) -> bool {
    UNMISTAKABLE.split_whitespace().any(|known| known == name)
}

/// The library's own import path of one that is kept in a folder of the project's: `boto3.session` of
/// `vendor.boto3.session`.
pub fn own_name(path: &str) -> &str {
    let root = path.split('.').next().unwrap_or_default();
    if is_library(root) {
        return path;
    }
    let below = path.match_indices('.').map(|(dot, _)| &path[dot + 1..]);
    below.into_iter().find(|rest| is_unmistakable(rest.split('.').next().unwrap_or_default())).unwrap_or(path)
}

/// Folders that hold nothing but copies of libraries, as they are called. A module of any other name may hand on a library
/// that it imports itself, and do more than that.
const VENDORING: [&str; 7] = ["_vendor", "site_packages", "third_party", "thirdparty", "vendor", "vendored", "vendors"];

/// Whether an import, of these names from this path, is of libraries that are kept in a folder of the project's:
/// `from vendor import boto3`, `import packages.boto3`.
pub fn is_vendored<'n>(path: &str, mut names: impl ExactSizeIterator<Item = &'n str>) -> bool {
    let folder = path.rsplit('.').next().unwrap_or_default();
    own_name(path) != path || VENDORING.contains(&folder) && names.len() > 0 && names.all(is_unmistakable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_known_by_their_first_name() {
        for name in ["os", "urlparse", "requests", "yaml", "mypy_boto3_dynamodb", "__future__"] {
            assert!(is_library(name), "{name}");
        }
        for name in ["", "shared", "acme_store", "_shared", "db"] {
            assert!(!is_library(name), "{name}");
        }
    }

    #[test]
    fn libraries_in_folders_of_the_project_keep_their_names() {
        let own: Vec<&str> = [
            "vendor.boto3",
            "lib.vendor.boto3.session",
            "boto3.session",
            "pip._vendor.urllib3",
            "shop.logging",
            "boto3",
        ]
        .map(own_name)
        .to_vec();
        assert_eq!(own, ["boto3", "boto3.session", "boto3.session", "pip._vendor.urllib3", "shop.logging", "boto3"]);
        assert!(is_vendored("vendor", ["boto3", "simplejson"].into_iter()));
        assert!(is_vendored("lib.vendor.simplejson", std::iter::empty()));
        assert!(!is_vendored("vendor", ["boto3", "store"].into_iter()));
        assert!(!is_vendored("vendor", std::iter::empty()));
        assert!(!is_vendored("common", ["boto3"].into_iter()), "it may import boto3, and write to tables with it");
        assert!(!is_vendored("moto", ["pip"].into_iter()));
    }

    #[test]
    fn each_name_is_listed_once_in_order() {
        for list in [STANDARD, WELL_KNOWN, UNMISTAKABLE] {
            let names: Vec<&str> = list.split_whitespace().collect();
            assert!(names.is_sorted_by(|a, b| a < b));
        }
    }
}
