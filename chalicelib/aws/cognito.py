"""The stack's user pool (Amazon Cognito)."""

from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib.domain.refusals import Unavailable, UserExists
from chalicelib.domain.user import User

ORGANISATION = "custom:organisation_id"  # infra/prod/sign-in.yaml; users cannot write it
BUSY = frozenset({"InternalErrorException", "TooManyRequestsException", "LimitExceededException"})


class CognitoUserPool:
    """`ports.UserPool` over a client of cognito-idp."""

    def __init__(self, client: Any, pool_id: str) -> None:
        self._client = client
        self._pool = pool_id

    def invite(self, user: User) -> str:
        """Create a person, who gets an invitation by mail, and return their subject."""
        try:
            made = self._call("admin_create_user", user, UserAttributes=_list_attributes(user))
            sub = _read(made["User"]["Attributes"]).get("sub", "")
        except UserExists:
            found = _read(self._call("admin_get_user", user)["UserAttributes"])
            if found.get(ORGANISATION, "") != user.organisation_id:
                raise
            sub = found.get("sub", "")
        for role in user.roles:
            self._call("admin_add_user_to_group", user, GroupName=role)
        return sub

    def change_roles(self, before: User, after: User) -> None:
        """Change a person's roles, with effect from their next token."""
        for role in before.roles:
            if role not in after.roles:
                self._call("admin_remove_user_from_group", after, GroupName=role)
        for role in after.roles:
            self._call("admin_add_user_to_group", after, GroupName=role)

    def remove(self, user: User) -> None:
        """Remove a person, and end their sessions."""
        self._call("admin_user_global_sign_out", user)
        self._call("admin_delete_user", user)

    def disable(self, user: User) -> None:
        """Disable a person's sign-in, and end their sessions."""
        self._call("admin_disable_user", user)
        self._call("admin_user_global_sign_out", user)

    def enable(self, user: User) -> None:
        """Let a disabled person sign in again."""
        self._call("admin_enable_user", user)

    def _call(self, operation: str, user: User, **request: Any) -> Any:
        """Make a call about a person; one who is not in the pool counts as removed."""
        call = getattr(self._client, operation)
        try:
            return call(UserPoolId=self._pool, Username=user.email, **request)
        except (HTTPClientError, ConnectionError) as failure:
            raise Unavailable() from failure
        except ClientError as failure:
            code = failure.response["Error"]["Code"]
            if code == "UserNotFoundException":
                return {}
            if code == "UsernameExistsException":
                raise UserExists() from failure
            if code in BUSY:
                raise Unavailable() from failure
            raise


def _list_attributes(user: User) -> list[dict[str, str]]:
    attributes = {
        "email": user.email,
        "email_verified": "true",
        "name": user.name,
        "locale": user.locale,
    }
    if user.organisation_id:
        attributes[ORGANISATION] = user.organisation_id
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def _read(attributes: list[dict[str, str]]) -> dict[str, str]:
    return {attribute["Name"]: attribute.get("Value", "") for attribute in attributes}
