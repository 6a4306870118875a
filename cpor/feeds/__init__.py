"""The import of the operator's feed: a folder of JSON Lines or CSV files (api.md, "Feeds")."""
