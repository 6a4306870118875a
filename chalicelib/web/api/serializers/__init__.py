"""Domain values as responses, member by member, so that a new field is never published by accident.

Source: api.md, "Shapes that callers rely on". The shapes are described in `response_models`.
"""
