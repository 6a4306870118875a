"""The responses of the API, each described once.

Every shape is a TypedDict: a serializer returns it, mypy checks what the serializer builds, and
pydantic turns it into the schema that `/openapi.json` publishes. The name of a class is the name of
its schema. Docstrings of these classes are published as descriptions, so they speak to callers.
"""
