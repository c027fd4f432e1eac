"""What an import would do, row by row, before it does anything.

Who wins: a field that the court's system changed since its last file is taken over, unless a person
changed it here; then the person's stays and the difference is shown. A blank cell deletes nothing,
and numbers and links only ever join.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256

from courtpulse.case_import.incoming import Incoming, made_title
from domain.cases import Case, CaseState, Litigant, Stage
from domain.errors import BadInput
from domain.registry import Imported, KeyDateKind
from records.case_imports import ImportedCase
from text.masking import mask_person

_WORDS = {
    "title": "名称", "court": "法院", "cause": "案由", "stage": "程序阶段", "litigants": "当事人",
    "numbers": "案号", "links": "公开链接",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a case: what stands here and what the court's system says."""

    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a row (or of several rows on one case).

    Attributes:
        action: "added", "changed", "unchanged" or "refused".
        changed: fields taken over; kept: fields where a person's own word here stays.
        problem, remedy: of a refused row.
    """

    rows: tuple[int, ...]
    action: str
    case_id: str = ""
    title: str = ""
    changed: tuple[Difference, ...] = ()
    kept: tuple[Difference, ...] = ()
    days: tuple[tuple[KeyDateKind, date], ...] = ()
    watched: bool = False
    warnings: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""


@dataclass(slots=True)
class Registry:
    """What is known while a file is planned; rows further down see what those above made.

    Attributes:
        known: key → what the system said before; by_number: case number → ids of cases.
        said: id of a case → field → all the system said of it, under whatever key.
        cases: id → case, as it will be.
        digest: what is kept in place of litigants' names.
    """

    system: str
    now: datetime
    known: Mapping[str, Imported]
    by_number: dict[str, list[str]]
    cases: dict[str, Case]
    said: dict[str, dict[str, set[str]]]
    check: Callable[[Case], None]
    digest: Callable[[str], str]
    writes: list[ImportedCase] = field(default_factory=list)

    def plan(self, row: Incoming, watch: bool) -> Outcome:
        """What becomes of `row`; what is to be written joins `writes`.

        Raises:
            BadInput: the row's numbers belong to several cases, or it can't be watched.
        """
        case_id = self._case_of(row)
        before = self.cases.get(case_id)
        said = self.known[row.key].fields if row.key in self.known else {}
        new = before is None
        earlier = self.said.get(case_id, {})
        case, changed, kept = _merged(
            before or self._new(case_id, row), row, said, earlier, new, self._kept
        )
        watched = watch and case.state is CaseState.REGISTERED
        if watched:
            case = replace(case, watched=True)
        if case.state is not CaseState.REGISTERED:
            self.check(case)
        # A title made here is the program's, not a person's: the court's own may replace it.
        now_says = {**({"title": case.title} if new else {}), **said, **self._says(row)}
        for name, text in now_says.items():
            self.said.setdefault(case_id, {}).setdefault(name, set()).add(text)
        outcome = Outcome(
            rows=row.rows, case_id=case_id, title=case.title, changed=tuple(changed),
            action="added" if before is None else "changed" if case != before else "unchanged",
            kept=tuple(kept), days=row.dates, watched=watched, warnings=row.warnings,
        )  # fmt: skip
        self.cases[case_id] = case
        for number in case.numbers:
            ids = self.by_number.setdefault(number, [])
            if case_id not in ids:
                ids.append(case_id)
        if case != before or now_says != said:
            self.writes.append(self._write(row, outcome, before, case, now_says))
        return outcome

    def _says(self, row: Incoming) -> dict[str, str]:
        """What the row says, as it is kept: litigants without their names."""
        says = {name: self._kept(name, text) for name, text in _said(row).items()}
        return says | ({"people": _masked(row.litigants)} if row.litigants else {})

    def _kept(self, name: str, text: str) -> str:
        return self.digest(text) if name == "litigants" else text

    def _case_of(self, row: Incoming) -> str:
        if row.key in self.known and self.known[row.key].case_id in self.cases:
            return self.known[row.key].case_id
        named = {case_id for number in row.numbers for case_id in self.by_number.get(number, ())}
        if len(named) > 1:
            titles = "、".join(sorted(self.cases[case_id].title for case_id in named))
            raise BadInput(
                f"案号分属几个案件：{titles[:80]}", remedy="先在听讼中改好这几个案件的案号，再导入"
            )
        if named:
            return named.pop()
        return "i" + sha256(f"{self.system}\n{row.key}".encode()).hexdigest()[:11]

    def _new(self, case_id: str, row: Incoming) -> Case:
        if not (row.title or row.cause or row.litigants or row.numbers):
            raise BadInput("除了案件标识什么也没有写", remedy="至少填写案号、案由或案件名称")
        return Case(
            id=case_id, title=row.title or made_title(row), court=row.court,
            watched_since=self.now, watched=False,
        )  # fmt: skip

    def _write(
        self,
        row: Incoming,
        outcome: Outcome,
        before: Case | None,
        case: Case,
        says: Mapping[str, str],
    ) -> ImportedCase:
        lines = [f"{_WORDS[one.name]}：{one.here or '无'} → {one.there}" for one in outcome.changed
                 if one.name != "litigants"]  # fmt: skip
        lines += ["当事人有改动"] if any(one.name == "litigants" for one in outcome.changed) else []
        lines += ["开始关注"] if outcome.watched else []
        detail = "；".join(["从法院系统登记"] if before is None else lines)
        moved = before is not None and before.stage is not case.stage
        stage = f"{before.stage.value} → {case.stage.value}" if before and moved else (
            case.stage.value if before is None and case.stage is not Stage.NONE else ""
        )  # fmt: skip
        matching = before is None or before.matching != case.matching
        counted = case.state is not CaseState.REGISTERED and case.state is not CaseState.ARCHIVED
        return ImportedCase(
            case_id=case.id, before=before, case=case if case != before else None, key=row.key,
            fields=says,
            detail=detail, stage=stage, relink=counted and (matching or outcome.watched),
        )  # fmt: skip


def words(name: str) -> str:
    """A field's name as a page writes it."""
    return _WORDS[name]


def _merged(
    case: Case,
    row: Incoming,
    said: Mapping[str, str],
    earlier: Mapping[str, set[str]],
    new: bool,
    kept_as: Callable[[str, str], str],
) -> tuple[Case, list[Difference], list[Difference]]:
    """`case` with what the row may change, what that was, and what a person's word kept.

    Args:
        kept_as: how a field's text stands in `said` and `earlier`.
    """
    here, says = _texts(case), _said(row)
    values = {
        "title": row.title, "court": row.court, "cause": row.cause,
        "stage": row.stage, "litigants": row.litigants,
    }  # fmt: skip
    changed: list[Difference] = []
    kept: list[Difference] = []
    for name, value in values.items():
        there = says.get(name, "")
        if not there or there == here[name]:
            continue
        if not new and here[name] and kept_as(name, here[name]) not in earlier.get(name, ()):
            kept.append(Difference(name, here[name], there))  # a person's word
            continue
        if kept_as(name, there) == said.get(name) and here[name]:
            continue  # this row says nothing new; a later one of the same system does
        changed.append(Difference(name, here[name], there))
        case = replace(case, **{name: value})  # type: ignore[arg-type]
    for name in ("numbers", "links"):
        held: tuple[str, ...] = getattr(case, name)
        more = tuple(one for one in getattr(row, name) if one not in held)
        if more:
            changed.append(Difference(name, "、".join(held), "、".join((*held, *more))))
            # The number of the present stage is the one people see first.
            case = replace(case, **{name: (*more, *held)})  # type: ignore[arg-type]
    return case, changed, kept


def _texts(case: Case) -> dict[str, str]:
    return {
        "title": case.title,
        "court": case.court,
        "cause": case.cause,
        "stage": case.stage.value if case.stage is not Stage.NONE else "",
        "litigants": _people(case.litigants),
    }


def _said(row: Incoming) -> dict[str, str]:
    """What the row says, field by field; what it leaves blank isn't there."""
    said = {
        "title": row.title,
        "court": row.court,
        "cause": row.cause,
        "stage": row.stage.value if row.stage else "",
        "litigants": _people(row.litigants),
        "numbers": "、".join(row.numbers),
        "links": " ".join(row.links),
    }
    return {name: text for name, text in said.items() if text}


def _people(litigants: Sequence[Litigant]) -> str:
    return "；".join(
        f"{one.role}：{one.name}{'（未成年）' if one.minor else ''}" for one in litigants
    )


def _masked(litigants: Sequence[Litigant]) -> str:
    """Litigants as a public ruling names them: persons by surname, minors not at all."""
    return "；".join(
        f"{one.role}：{'某某（未成年）' if one.minor else mask_person(one.name)}"
        for one in litigants
    )
