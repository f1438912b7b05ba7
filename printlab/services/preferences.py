"""How each of the staff has the board, and what they look for again and again: their own, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, func, or_, select

from printlab.db import Database
from printlab.domain.board import BoardQuery
from printlab.domain.board_choices import NamedView
from printlab.domain.policy import Action, Actor, require
from printlab.errors import Conflict, InvalidInput, NotFound
from printlab.models import Preference, SavedView, UserAccount
from printlab.services import fields
from printlab.services.identity import authorise

_LONGEST_NAME = 60
_MOST_VIEWS = 50
_MOST_BYTES = 4000


class Preferences:
    """Keeps what people chose for themselves. Only whoever has an account has any."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def get(self, name: str, actor: Actor) -> Mapping[str, Any]:
        """What ``actor`` chose under ``name``; empty before they did."""
        require(actor, Action.VIEW_BOARD)
        with self._database.read() as session:
            kept = session.get(Preference, (actor.user_id or 0, name))
            return {} if kept is None else dict(kept.value)

    def put(self, name: str, value: Mapping[str, Any], actor: Actor) -> None:
        """Keep ``value`` under ``name``. Raises InvalidInput when it is too large, NotAllowed, NotSignedIn."""
        if len(orjson.dumps(value)) > _MOST_BYTES:
            raise InvalidInput("This is too much to be kept. Choose fewer things.", name)
        with self._database.write() as unit:
            user_id = self._owner(unit.session, actor)
            unit.session.merge(Preference(user_id=user_id, name=name, value=dict(value)))

    def views(self, actor: Actor) -> tuple[NamedView, ...]:
        """The own views and those that colleagues share who still work here, by name."""
        require(actor, Action.VIEW_BOARD)
        with self._database.read() as session:
            wanted = (
                select(SavedView, UserAccount)
                .join(UserAccount, col(UserAccount.id) == col(SavedView.owner_id))
                .where(or_(col(SavedView.owner_id) == actor.user_id, col(SavedView.is_shared)))
                .where(col(UserAccount.active))
                .order_by(func.lower(SavedView.name), col(SavedView.id))
            )
            return tuple(_view(kept, owner, actor) for kept, owner in session.exec(wanted))

    def save_view(self, name: str, query: BoardQuery, actor: Actor, *, is_shared: bool) -> None:
        """Keep what is looked for under ``name``, in place of the own view that had it.

        Raises InvalidInput, Conflict when there are too many, NotAllowed, NotSignedIn.
        """
        called = fields.line(name, "name", _LONGEST_NAME)
        if called is None:
            raise InvalidInput("Give the view a name.", "name")
        with self._database.write() as unit:
            owner_id = self._owner(unit.session, actor)
            of_owner = select(SavedView).where(SavedView.owner_id == owner_id)
            kept = unit.session.exec(of_owner.where(SavedView.name == called)).one_or_none()
            if kept is None and len(unit.session.exec(of_owner).all()) >= _MOST_VIEWS:
                raise Conflict(f"You have {_MOST_VIEWS} saved views, the most there can be. Delete one first.")
            view = kept or SavedView(owner_id=owner_id, name=called)
            view.params, view.is_shared = [list(param) for param in query.params()], is_shared
            unit.session.add(view)

    def delete_view(self, view_id: int, actor: Actor) -> None:
        """Forget an own view. Raises NotFound, NotAllowed, NotSignedIn."""
        with self._database.write() as unit:
            owner_id = self._owner(unit.session, actor)
            view = unit.session.get(SavedView, view_id)
            if view is None or view.owner_id != owner_id:
                raise NotFound("This view is not yours, or was deleted meanwhile.")
            unit.session.delete(view)

    def _owner(self, session: Session, actor: Actor) -> int:
        authorise(session, actor, Action.VIEW_BOARD, self._clock())
        if actor.user_id is None:
            raise NotFound("Only people with an account have choices of their own.")
        return actor.user_id


def _view(kept: SavedView, owner: UserAccount, actor: Actor) -> NamedView:
    params: Sequence[Sequence[str]] = kept.params
    return NamedView(
        id=kept.id or 0,
        name=kept.name,
        params=tuple((name, value) for name, value in params),
        owner="" if kept.owner_id == actor.user_id else owner.name,
        is_shared=kept.is_shared,
    )
