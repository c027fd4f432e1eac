"""Opens what a stage needs, when it needs it: a task that only notifies never loads a model."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from courtpulse.settings import Settings
from domain.time import Clock, system_clock

if TYPE_CHECKING:
    from alerts.budget import Expectation
    from alerts.detection import Detection
    from alerts.policy.run import Policy
    from alerts.policy.settings import PolicySettings
    from alerts.routes import Routing
    from alerts.timeline import CaseTimeline
    from courtpulse.pressure import Pressure
    from crawlers.declarations import Declaration
    from crawlers.inbox import Inbox
    from crawlers.ingest import Ingest
    from crawlers.quarantine import Quarantine
    from crawlers.tokens import TokenKeys
    from domain.annotation import Topic
    from domain.protocols import Store
    from index.lookalikes import Lookalikes
    from nlp.encoder.serving import NeuralAnnotator
    from nlp.questions.matcher import QuestionFinder
    from nlp.terms import LogOddsTerms
    from records import Records
    from records.authors import AuthorWindow


class Rooms:
    """One program's parts over one data folder; each is opened once, on first use."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        self.settings = settings
        self.clock = clock

    @cached_property
    def store(self) -> Store:
        """The index, prepared."""
        from index import open_store

        store = open_store(self.settings.store)
        store.prepare()
        return store

    @cached_property
    def records(self) -> Records:
        """The records, at the newest schema."""
        from records import Records

        return Records.open(self.settings.records, self.clock)

    @cached_property
    def authors(self) -> AuthorWindow:
        """The private 48-hour table."""
        from records.authors import AuthorWindow

        return AuthorWindow(self.private / "authors.db")

    @cached_property
    def lookalikes(self) -> Lookalikes:
        """The table near-duplicates are found with."""
        from index.lookalikes import Lookalikes

        return Lookalikes(self.settings.folder / "lookalikes.db", self.store)

    @cached_property
    def inbox(self) -> Inbox:
        """The inbox."""
        from crawlers.inbox import Inbox

        return Inbox(self.settings.inbox, self.clock)

    @cached_property
    def quarantine(self) -> Quarantine:
        """The quarantine."""
        from crawlers.quarantine import Quarantine

        return Quarantine(self.settings.folder / "quarantine", self.clock)

    @cached_property
    def pressure(self) -> Pressure:
        """Holds intake back when the disk fills up or the index falls behind."""
        from courtpulse.pressure import Pressure

        return Pressure(self)

    def ingest(self) -> Ingest:
        """A fresh door to the inbox: one a run."""
        from crawlers.ingest import Ingest

        return Ingest(self.inbox, self.tokens, self.quarantine, self.clock)

    @property
    def tokens(self) -> TokenKeys:
        """The daily keys of author tokens."""
        from crawlers.jobs import Places
        from crawlers.tokens import TokenKeys

        places = Places.under(self.settings.folder, self.settings.inbox)
        return TokenKeys(places.tokens, self.clock)

    @cached_property
    def sources(self) -> dict[str, Declaration]:
        """Declared and enabled sources by name.

        Raises:
            ConfigurationError: a declaration can't be read, or two have the same name.
        """
        from courtpulse.sources import declared

        return declared(self.settings.sources)

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """The topic catalogue by id."""
        from nlp.topics import load

        return load()

    @cached_property
    def annotator(self) -> NeuralAnnotator:
        """The model of the settings, or the one that ships.

        Raises:
            ConfigurationError: a file of its folder is missing or damaged.
        """
        from nlp.encoder.serving import NeuralAnnotator

        return NeuralAnnotator.load(self.model)

    @cached_property
    def model(self) -> Path:
        """Folder of the model in use.

        Raises:
            ConfigurationError: the settings name a hub repository that was never fetched.
        """
        from nlp.encoder.hub import located

        return located(self.settings.model)

    @cached_property
    def terms(self) -> LogOddsTerms:
        """Words that stand out."""
        from nlp.terms import LogOddsTerms

        return LogOddsTerms()

    @cached_property
    def questions(self) -> QuestionFinder:
        """What people ask of a case."""
        from nlp.questions.matcher import QuestionFinder

        return QuestionFinder.load()

    def detection(self) -> Detection:
        """A detection over the store, its state rebuilt when it runs."""
        from alerts.detection import Detection
        from nlp.narratives import Narratives

        return Detection(
            self.store,
            self.records,
            self.terms,
            self.clock,
            theta=self.budget().theta,
            topics={topic.id: topic.zh for topic in self.topics.values()},
            policy=self.policy_settings,
            questions=self.questions,
            narratives=Narratives(),
        )

    def budget(self) -> Expectation:
        """θ before courts' own steps, and what it means for the cases watched now."""
        from alerts.budget import at_theta, for_budget

        watched = len(self.records.cases.all())
        fixed = self.settings.theta
        if fixed is not None:
            return at_theta(fixed, watched)
        return for_budget(self.settings.false_alerts, watched)

    @cached_property
    def policy_settings(self) -> PolicySettings:
        """Level table, flags, mutes, escalation, clocks, feedback.

        Raises:
            ConfigurationError: the policy file is wrong; names the place in it.
        """
        from alerts.policy.settings import load_policy

        return load_policy(self.settings.policy)

    def policy(self) -> Policy:
        """The policy over the records."""
        from alerts.policy.run import Policy

        theta = self.budget().theta
        return Policy(self.records, self.policy_settings, theta, lambda: self.questions, self.clock)

    @cached_property
    def routing(self) -> Routing:
        """Channels, roster and routes; empty when no routes file is set.

        Raises:
            ConfigurationError: the routes file is wrong.
        """
        from alerts.open_routes import load_routes
        from alerts.routes import Routing

        routes = self.settings.routes
        if routes is None:
            return Routing()
        return load_routes(routes, self.clock, self.policy_settings.workdays())

    def read_anew(self) -> None:
        """Forget the policy and routes files, so that what a person changed in them counts now."""
        for name in ("policy_settings", "routing"):
            self.__dict__.pop(name, None)

    @cached_property
    def timeline(self) -> CaseTimeline:
        """Observed and expected course of a case."""
        from alerts.timeline import CaseTimeline

        return CaseTimeline(self.store, self.records, self.clock)

    @property
    def private(self) -> Path:
        """Folder of keys and author tokens; readable by the program's user alone."""
        folder = self.settings.folder / "private"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @property
    def reports(self) -> Path:
        """Folder of finished reports."""
        return self.settings.folder / "reports"

    def close(self) -> None:
        """Close what was opened."""
        for name in ("store", "records", "authors", "lookalikes"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
