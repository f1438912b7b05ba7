"""The staff board: one element, fed with the beginning of each column, and then with single cards as they change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from nicegui import json
from nicegui.awaitable_response import NullResponse
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from components import design
from components.board_columns import columns_of, statuses
from components.board_filters import chosen, filter_groups, orders
from components.cards import deadline_mark, undo_item
from components.unwatched import unwatched
from components.upload import FileRules
from printlab.domain.ageing import AgeLimits
from printlab.domain.board import MOST_COUNTED, BoardQuery, Column, Delta, Drawn, Facet, Tally
from printlab.domain.board_choices import BoardChoices, NamedView
from printlab.domain.limits import MAX_INTEGER
from printlab.domain.policy import Actor
from printlab.domain.several import VERBS
from printlab.domain.status import JobStatus, Verb

Counts = Mapping[Column, int]
_MOST_PARAMS = 400
_MOST_CHOSEN = 500
_PARTS = (
    "address",
    "age",
    "bar",
    "card",
    "choices",
    "column",
    "commands",
    "drops",
    "following",
    "keys",
    "many",
    "menu",
    "motion",
    "peek",
    "row",
    "tell",
    "uploads",
)
_SHEETS = ("board.css", "board_bar.css", "board_table.css")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a query shows first: of each of its columns the first cards, and how many jobs that column has in all.

    ``tally`` says how many open jobs wait for staff and how many are new, whatever is looked for; ``age_limits`` after
    how long in its status a job is marked.
    """

    query: BoardQuery
    cards: tuple[Drawn, ...]
    counts: Counts
    tally: Tally
    age_limits: AgeLimits


@dataclass(frozen=True, slots=True)
class Own:
    """How a person has the board, and the views that they have."""

    choices: BoardChoices
    views: Sequence[NamedView]


@dataclass(frozen=True, slots=True)
class BoardActs:
    """What the board calls. Ids and versions are as the browser reports them.

    ``verb(job_id, verb)``: somebody asks for an action on a card. ``undo(job_id, version)``: they take back the move
    that made this version. ``file(job_id)``: they open its file. ``part(job_id)``: they want to see its part
    in 3D. ``upload(job_id, version, staged_id)``: a file that
    was dropped on a card of this version has arrived; answers why it was not taken, or None. ``more(column)``: they
    came to the end of what a column has here. ``look(query)``: they look for something else. ``filters()``: they want
    to see the filters. ``seen(job_id)``: somebody looks at a new job. ``many(job_ids, verb)``: an action on several
    jobs, ``all()``: the numbers of all jobs that are looked for, to choose them. ``keep(choices)``: they have the board
    otherwise. ``save_view(name, is_shared)``: what they look for gets a name. ``delete_view(view_id)``: it loses it.
    """

    verb: Callable[[int, Verb], Awaitable[None]]
    undo: Callable[[int, int], Awaitable[None]]
    file: Callable[[int], Awaitable[None]]
    part: Callable[[int], Awaitable[None]]
    upload: Callable[[int, int, str], Awaitable[str | None]]
    more: Callable[[Column], Awaitable[None]]
    look: Callable[[BoardQuery], Awaitable[None]]
    filters: Callable[[], Awaitable[None]]
    seen: Callable[[int], Awaitable[None]]
    many: Callable[[tuple[int, ...], str], Awaitable[None]]
    all: Callable[[], Awaitable[None]]
    keep: Callable[[BoardChoices], Awaitable[None]]
    save_view: Callable[[str, bool], Awaitable[None]]
    delete_view: Callable[[int], Awaitable[None]]


class Board(
    Element,
    component="board.js",
    dependencies=["sending.js", *(f"board_{part}.js" for part in _PARTS)],
):
    """The jobs that somebody looks for, as ``actor`` sees them."""

    def __init__(
        self,
        beginning: Beginning,
        own: Own,
        actor: Actor,
        zone: str,
        files: Mapping[JobStatus, FileRules],
        acts: BoardActs,
    ) -> None:
        """``zone`` is the lab's IANA time zone, in which the browser says exact times. ``files`` says what cards of a
        status take; those of others take nothing.
        """
        super().__init__()
        self._actor = actor
        self._acts = acts
        design.add_sheets(*_SHEETS)
        self._query = beginning.query
        self._wish: tuple[BoardQuery, int] | None = None  # the latest, and its number
        self._props["zone"] = zone
        self._props["most-chosen"] = _MOST_CHOSEN
        self._props["most-counted"] = MOST_COUNTED
        for name, value in (
            ("statuses", statuses(files)),
            ("orders", orders()),
            ("verbsOfSeveral", [verb.value for verb in VERBS]),
            ("first", self._beginning(beginning)),
            ("own", asdict(own.choices)),
            ("views", [asdict(view) for view in own.views]),
        ):
            self._props[name] = unwatched(value)
        self.on("verb", self._asked)
        self.on("file", self._file_clicked)
        self.on("part", self._part_wanted)
        self.on("upload", self._file_arrived)
        self.on("more", self._more_wanted)
        self.on("look", self._looked_for)
        self.on("filters", self._filters_wanted)
        self.on("seen", self._seen)
        self.on("many", self._many_chosen)
        self.on("all", self._all_wanted)
        self.on("keep", self._chosen)
        self.on("save-view", self._view_named)
        self.on("delete-view", self._view_dropped)

    def run_method(self, name: str, *args: Any, timeout: float = 1) -> NullResponse:
        """Nobody waits for an answer: hundreds of boards are told of a change."""
        del timeout
        code = f"runMethod({self.id}, {json.dumps(name)}, {json.dumps(args)})"
        self.client.outbox.enqueue_message("run_javascript", {"code": code}, self.client.id)
        return NullResponse()

    def show(self, delta: Delta, counts: Counts, tally: Tally) -> None:
        """Send what changed, and nothing else."""
        self.run_method("upsert", self._values(delta.shown), _counts(counts), _tally(tally), list(delta.gone))

    def append(self, column: Column, cards: Iterable[Drawn], counts: Counts, tally: Tally) -> None:
        """Send the next cards of a column."""
        self.run_method("append", column.value, self._values(cards), _counts(counts), _tally(tally))

    def replace(self, beginning: Beginning) -> None:
        """Send the beginning of each column anew: something else is looked for, or changes may have been missed."""
        self._query = beginning.query
        self.run_method("replace", self._beginning(beginning))

    def show_filters(self, query: BoardQuery, counts: Mapping[Facet, Mapping[str, int]]) -> None:
        """Send the filters with their counts."""
        self.run_method("showFilters", filter_groups(query, counts))

    def show_views(self, views: Iterable[NamedView]) -> None:
        """Send the views that this person has now."""
        self.run_method("showViews", [asdict(view) for view in views])

    def tell_arrived(self, arrived: Sequence[Drawn]) -> None:
        """Tell of new jobs, as this person wants to be told."""
        if arrived:
            self.run_method("arrived", [{"id": one.entry.id, "who": one.entry.who} for one in arrived])

    def choose(self, job_ids: Iterable[int]) -> None:
        """Have these jobs chosen, or none any more."""
        self.run_method("choose", list(job_ids)[:_MOST_CHOSEN])

    def _beginning(self, beginning: Beginning) -> dict[str, Any]:
        return {
            "query": chosen(beginning.query),
            "answers": self._wish[1] if self._wish and self._wish[0] == beginning.query else None,
            "columns": columns_of(beginning.query),
            "cards": self._values(beginning.cards),
            "counts": _counts(beginning.counts),
            "tally": _tally(beginning.tally),
            "ageLimits": {status.value: asdict(limit) for status, limit in beginning.age_limits.items()},
        }

    def _values(self, cards: Iterable[Drawn]) -> list[dict[str, Any]]:
        """What is the same for everybody was made once; column, place and the way back are this viewer's own, and a day
        comes to be at risk by time alone.
        """
        query = self._query
        return [
            {
                "card": orjson.Fragment(drawn.card),
                "column": query.column(drawn.entry),
                "place": query.key(drawn.entry),
                "undo": undo_item(drawn.last_move, self._actor),
                "deadline": asdict(deadline_mark(drawn.entry.deadline)) if drawn.entry.deadline else None,
            }
            for drawn in cards
        ]

    # ---------- what the browser says: what our own script did not send is left alone ----------

    def _asked(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            job_id, version, verb = _number(event, "id"), _number(event, "version"), Verb(event.args["verb"])
        except _NOT_OURS:
            return None
        return self._acts.undo(job_id, version) if verb is Verb.UNDO else self._acts.verb(job_id, verb)

    def _file_clicked(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            return self._acts.file(_number(event, "id"))
        except _NOT_OURS:
            return None

    def _part_wanted(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            return self._acts.part(_number(event, "id"))
        except _NOT_OURS:
            return None

    def _seen(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            return self._acts.seen(_number(event, "id"))
        except _NOT_OURS:
            return None

    def _more_wanted(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            wanted = event.args["column"]
        except _NOT_OURS:
            return None
        column = next((column for column in self._query.columns if column.value == wanted), None)
        return None if column is None else self._acts.more(column)

    def _looked_for(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            params = [(str(name), str(value)) for name, value in event.args["params"][:_MOST_PARAMS]]
            self._wish = BoardQuery.of(params), _number(event, "number")
        except _NOT_OURS:
            return None
        return self._acts.look(self._wish[0])

    def _filters_wanted(self) -> Awaitable[None]:
        return self._acts.filters()

    def _all_wanted(self) -> Awaitable[None]:
        return self._acts.all()

    def _many_chosen(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            ids, verb = tuple(int(job_id) for job_id in event.args["ids"][:_MOST_CHOSEN]), str(event.args["verb"])
        except _NOT_OURS:
            return None
        return self._acts.many(ids, verb) if ids and max(map(abs, ids)) <= MAX_INTEGER else None

    def _chosen(self, event: GenericEventArguments) -> Awaitable[None] | None:
        values: Any = event.args
        try:
            return self._acts.keep(BoardChoices.of(dict(values)))
        except _NOT_OURS:
            return None

    def _view_named(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            return self._acts.save_view(str(event.args["name"]), event.args["shared"] is True)
        except _NOT_OURS:
            return None

    def _view_dropped(self, event: GenericEventArguments) -> Awaitable[None] | None:
        try:
            return self._acts.delete_view(_number(event, "id"))
        except _NOT_OURS:
            return None

    async def _file_arrived(self, event: GenericEventArguments) -> None:
        try:
            job_id, version, staged_id = _number(event, "id"), _number(event, "version"), str(event.args["staged"])
        except _NOT_OURS:
            return
        problem = await self._acts.upload(job_id, version, staged_id)
        self.run_method("uploadEnded", job_id, problem or "")


_NOT_OURS = (KeyError, TypeError, ValueError, OverflowError)


def _number(event: GenericEventArguments, name: str) -> int:
    number = int(event.args[name])
    if abs(number) > MAX_INTEGER:
        raise ValueError(name)
    return number


def _tally(tally: Tally) -> dict[str, int]:
    return {"needs": tally.needs, "fresh": tally.new}


def _counts(counts: Counts) -> dict[str, int]:
    return {column.value: count for column, count in counts.items()}
