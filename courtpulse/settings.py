"""All settings, each with its default, its unit and what it is for (docs/settings.md lists them)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Read from the environment, `COURTPULSE_` before each name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="COURTPULSE_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    court: str = Field("江澜市中级人民法院", description="Name of the court, on pages and reports.")
    office: str = Field("新闻办公室", description="Issuing office on the weekly report.")
    data: Path = Field(Path("var"), description="Folder for everything that lasts.")
    store_url: str = Field(
        "",
        description="Index: sqlite:///path, opensearch://host:port/prefix or "
        "elasticsearch://host:port/prefix (add s for TLS). Empty: SQLite in the data folder.",
    )
    records_url: str = Field(
        "",
        description="Records: a SQLAlchemy URL, sqlite:///… or postgresql+psycopg://…. "
        "Empty: SQLite in the data folder.",
    )
    inbox_url: str = Field(
        "",
        description="Inbox: a local folder or any fsspec URL (s3://…). Empty: in the data folder.",
    )
    sources: Annotated[tuple[Path, ...], NoDecode] = Field(
        (ROOT / "crawlers" / "sites",),
        description="Folders of source declarations, joined by a colon.",
    )
    routes: Path | None = Field(
        None, description="YAML file that says which alerts go to which channel. Empty: none."
    )
    contact: str = Field(
        "https://court.example/courtpulse",
        description="Address in the crawler's user agent where a site's owner can reach the court.",
    )
    model: Path | None = Field(
        None,
        description="Model folder that `courtpulse train` or `courtpulse model export` wrote, or the "
        "hub name of one that `courtpulse model fetch` downloaded. Empty: the model that ships.",
    )
    policy: Path | None = Field(
        None,
        description="YAML file over alerts/policy/defaults.yml: level table, flags, mutes, "
        "escalation, clocks, feedback, holidays. Empty: the defaults.",
    )
    false_alerts: float = Field(
        5.0,
        gt=0,
        le=1000,
        description="False alerts a week the court accepts over all watched cases; θ follows.",
    )
    theta: float | None = Field(
        None,
        gt=0,
        le=50,
        description="A fixed θ instead of the one that follows from COURTPULSE_FALSE_ALERTS. "
        "Empty: it follows.",
    )
    host: Literal["127.0.0.1", "localhost"] = Field(
        "127.0.0.1", description="Address the pages bind to: loopback only until accounts exist."
    )
    port: int = Field(8000, ge=1, le=65535, description="Port of the pages.")
    airflow_port: int = Field(8080, ge=1, le=65535, description="Port of Airflow's API server.")
    batch: int = Field(
        64, ge=1, le=64, description="Most mapped annotate tasks one run makes (architecture.md)."
    )
    segment_days: int = Field(
        7, ge=1, description="Days a committed inbox segment is kept; names can be linked so long."
    )
    post_days: int = Field(180, ge=1, description="Days a redacted post stays in the index.")
    least_free_mb: int = Field(
        2048,
        ge=0,
        description="Megabytes that must stay free on the disk of the data folder; below, intake "
        "pauses until a quarter more is free.",
    )
    waiting_segments: int = Field(
        1000,
        ge=8,
        description="Inbox segments that may wait before sources are asked at every second "
        "interval; at ten times as many intake pauses.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of log lines on standard error."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level that is logged."
    )

    @field_validator("sources", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split(":")) if isinstance(value, str) else value

    @classmethod
    def load(cls) -> Settings:
        """Settings from the environment.

        Raises:
            ConfigurationError: a value can't be used; names the variable.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigurationError(
                str(first["msg"]),
                remedy="docs/settings.md lists every setting with its values",
                where="COURTPULSE_" + "_".join(str(part) for part in first["loc"]).upper(),
            ) from error

    def make_folder(self) -> Path:
        """Make the data folder, readable by this user alone: it holds what people said.

        Raises:
            ConfigurationError: it can't be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
        except OSError as error:
            raise ConfigurationError(
                f"the data folder can't be made: {error.strerror}",
                remedy="set COURTPULSE_DATA to a folder you may write",
                where=str(self.folder),
            ) from error
        return self.folder

    @cached_property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return self.data.expanduser().resolve()

    @property
    def store(self) -> str:
        """URL of the index."""
        return self.store_url or f"sqlite:///{self.folder}/index.db"

    @property
    def records(self) -> str:
        """URL of the records."""
        return self.records_url or f"sqlite:///{self.folder}/records.db"

    @property
    def inbox(self) -> str:
        """URL of the inbox."""
        return self.inbox_url or str(self.folder / "inbox")

    @property
    def segment_life(self) -> timedelta:
        """How long a committed segment is kept."""
        return timedelta(days=self.segment_days)

    @property
    def post_life(self) -> timedelta:
        """How long a post stays in the index."""
        return timedelta(days=self.post_days)
