"""The operator's own connection to a stage: its table, by the settings of the environment."""

from chalicelib.aws.rows import Rows

ATTEMPTS = 8  # an import may meet a table that is still warming up
CONNECTIONS = 32


def rows(table: str, endpoint_url: str) -> Rows:
    """The table of a stage."""
    import botocore.session
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS}, max_pool_connections=CONNECTIONS,
        connect_timeout=5, read_timeout=10,
    )
    session = botocore.session.get_session()
    return Rows(session.create_client("dynamodb", endpoint_url=endpoint_url or None, config=config), table)
