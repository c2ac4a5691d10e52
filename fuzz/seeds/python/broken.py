def handler(event, context:
    return (1
class X(
  "unfinished
