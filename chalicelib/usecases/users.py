"""The people of an organisation: invited, listed and removed by one of its administrators.

The membership is a row of the service; the user pool only signs people in, and cannot be searched
by organisation. With another issuer of tokens its own administrators manage people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.domain import ids
from chalicelib.domain.additions import Additions
from chalicelib.domain.refusals import (
    NotFound,
    Refusal,
    StaleVersion,
    Unavailable,
    UserExists,
    UsersManagedElsewhere,
)
from chalicelib.domain.user import MAX_USERS, User
from chalicelib.ports import Change, Conflict, Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_once,
    find_stored_response,
)
from chalicelib.usecases.rate_limits import INVITATIONS, count_now
from chalicelib.usecases.request import Request
from chalicelib.usecases.size_limits import add_to_limited

RenderUser = Callable[[User], StoredResponse]
T = TypeVar("T")


@dataclass(frozen=True)
class NewUser:
    """A person to invite. `locale`: the language of the invitation."""

    email: str
    name: str
    roles: tuple[str, ...]
    locale: str = "en"


def list_users(services: Services, organisation_id: str) -> tuple[User, ...]:
    """List the people of an organisation. Raises UsersManagedElsewhere."""
    _require_own_issuer(services)
    return services.store.users.list(organisation_id)


def invite(
    services: Services, request: Request, new: NewUser, render: RenderUser
) -> StoredResponse:
    """Invite a person into the caller's organisation.

    Raises UserExists, TooMany, UsersManagedElsewhere, and Refusal for a full organisation.
    """
    _require_own_issuer(services)
    if response := find_stored_response(services, request):
        return response
    organisation = request.caller.organisation
    made = _make_user(services, organisation, new, request.now)

    def commit(user: User, additions: Additions) -> StoredResponse:
        change = Change(users=(user,), additions=additions)
        return commit_once(services, request, change, render(user))

    _require_room(services, made)
    # What is refused from here on counts, too: it tells whether an address is known elsewhere.
    count_now(services, request, "", INVITATIONS)
    return _add(services, made, commit)


def remove(services: Services, caller: Caller, user_id: str) -> None:
    """Remove a person from the caller's organisation.

    Raises NotFound, UsersManagedElsewhere, and Refusal for the caller's own membership.
    """
    _require_own_issuer(services)
    user = services.store.users.get(caller.organisation, user_id)
    if user is None:
        raise NotFound()
    if user.sub == caller.sub:
        raise Refusal("own_membership")
    remove_user(services, user)


def change(services: Services, request: Request, user_id: str, changes: Mapping[str, Any]) -> User:
    """Change the roles or the state of a person of the caller's organisation.

    changes: `roles`, `state`, or both.
    Raises NotFound, StaleVersion, UsersManagedElsewhere, and Refusal for the caller's own
    membership: so the last administrator cannot lock out the organisation.
    """
    _require_own_issuer(services)
    before = services.store.users.get(request.caller.organisation, user_id)
    if before is None:
        raise NotFound()
    if before.sub == request.caller.sub:
        raise Refusal("own_membership")
    request.refuse_stale(before.rev)
    after = before.evolve(**changes, rev=before.rev + 1)
    if (pool := services.user_pool) and after.roles != before.roles:
        pool.change_roles(before, after)
    if pool and after.state != before.state:
        (pool.enable if after.state == "active" else pool.disable)(after)
    try:
        services.store.commit(Change(users=(after,)))
    except Conflict as lost:
        raise StaleVersion(version=str(after.rev)) from lost
    return after


def invite_as_operator(
    services: Services, organisation_id: str, new: NewUser, now: datetime
) -> User:
    """Invite a person into an organisation, or the programme for an empty id.

    Raises NotFound for an unknown organisation, UserExists, UsersManagedElsewhere, and Refusal for
    a full one.
    """
    _require_own_issuer(services)
    if organisation_id and services.partners.partner(organisation_id) is None:
        raise NotFound()

    def commit(user: User, additions: Additions) -> User:
        services.store.commit(Change(users=(user,), additions=additions))
        return user

    return _add(services, _make_user(services, organisation_id, new, now), commit)


def remove_user(services: Services, user: User) -> None:
    """Remove a person from the pool, and then the membership."""
    if services.user_pool:
        services.user_pool.remove(user)
    services.store.users.remove(user.organisation_id, user.id)


def switch_user(services: Services, user: User, is_active: bool) -> User:
    """Disable a person or enable them again."""
    if services.user_pool and is_active:
        services.user_pool.enable(user)
    elif services.user_pool:
        services.user_pool.disable(user)
    after = user.evolve(state="active" if is_active else "disabled", rev=user.rev + 1)
    services.store.commit(Change(users=(after,)))
    return after


def restore_users(services: Services, organisation_id: str) -> tuple[User, ...]:
    """Add the people of an organisation, as stored in the table, to the pool with their roles.

    For a new pool, where they are invited again and get new subjects, and for one that has lost its
    groups with a stack. Disabled people stay disabled. Idempotent. Raises UsersManagedElsewhere.
    """
    _require_own_issuer(services)
    restored = []
    for user in services.store.users.list(organisation_id):
        after = _add_to_pool(services, user)
        if services.user_pool and user.state == "disabled":
            services.user_pool.disable(after)
        if after.sub != user.sub:
            after = after.evolve(rev=user.rev + 1)
            services.store.commit(Change(users=(after,)))
        restored.append(after)
    return tuple(restored)


def _require_own_issuer(services: Services) -> None:
    """Raise UsersManagedElsewhere unless the stack itself signs people in."""
    if services.user_pool is None and not services.settings.has_built_in_issuer:
        raise UsersManagedElsewhere()


def _add(services: Services, made: User, commit: Callable[[User, Additions], T]) -> T:
    """Add a person to the pool, and commit the membership; neither without the other."""
    invited = []

    def add(additions: Additions) -> T:
        _require_room(services, made)
        user = _add_to_pool(services, made)
        invited.append(user)
        return commit(user, additions.add(made.created_at))

    try:
        return add_to_limited(services, f"users:{made.organisation_id}", add)
    except Refusal as refusal:
        is_unknown = refusal.code == Unavailable.code
        is_done = is_unknown or _is_member(made, services.store.users.list(made.organisation_id))
        if services.user_pool and invited and not is_done:
            services.user_pool.remove(invited[0])
        raise


def _is_member(new: User, users: tuple[User, ...]) -> bool:
    """Return whether one of these people has the address of a new one."""
    return any(user.email.lower() == new.email.lower() for user in users)


def _require_room(services: Services, new: User) -> None:
    users = services.store.users.list(new.organisation_id)
    if _is_member(new, users):
        raise UserExists()
    if len(users) >= MAX_USERS:
        raise Refusal("too_many_users", most=str(MAX_USERS))


def _make_user(services: Services, organisation_id: str, new: NewUser, now: datetime) -> User:
    return User(
        id=ids.new_id(ids.Kind.USER, now, services.random_bytes),
        organisation_id=organisation_id,
        email=new.email,
        name=new.name,
        roles=tuple(dict.fromkeys(new.roles)),
        locale=new.locale,
        created_at=now,
    )


def _add_to_pool(services: Services, user: User) -> User:
    """Return the user with the subject of their tokens: with the built-in issuer, their name."""
    pool = services.user_pool
    return user.evolve(sub=pool.invite(user) if pool else user.name)
