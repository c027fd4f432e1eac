"""Letters to the court and media queries: read from tables and mails, and their senders nowhere."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.column_mapping import FOLDER, load_mapping
from crawlers.imports import ImportReport, import_file
from crawlers.inbox import Inbox
from crawlers.ingest import Ingest
from crawlers.quarantine import Quarantine
from crawlers.senders import own_words, without_sender
from crawlers.tokens import TokenKeys
from domain.errors import BadInput, ConfigurationError
from domain.posts import CollectedPost, Platform, PostKind, VerifiedType

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NAME, ADDRESS, PHONE = "白露溪", "bai.luxi@mail.example", "19900001234"
LETTER = (
    f"院长您好：\n我是望川区居民{NAME}，电话{PHONE}。物业费案开庭后三个月没有消息，"
    f"什么时候能判？\n此致\n敬礼\n{NAME}\n2026年11月20日"
)


class Office:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = Inbox(str(folder / "inbox"), self.clock)
        self.quarantine = Quarantine(folder / "quarantine", self.clock)
        tokens = TokenKeys(folder / "keys", self.clock)
        self.ingest = Ingest(self.inbox, tokens, self.quarantine, self.clock)

    def clock(self) -> datetime:
        return NOW

    def load(self, name: str, content: bytes, mapping: str) -> ImportReport:
        path = self.folder / name
        path.write_bytes(content)
        return import_file(path, load_mapping(mapping), self.ingest, self.clock)

    def posts(self) -> list[CollectedPost]:
        return [post for name in self.ingest.commit() for post in self.inbox.read(name)]

    def kept(self) -> str:
        """Everything that lies in inbox and quarantine, as it can be read."""
        rejects = [self.quarantine.read(item.id).decode() for item in self.quarantine.list()]
        return f"{self.posts()!r}{rejects!r}{self.quarantine.list()!r}"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def mail(text: str = LETTER, **changes: str) -> EmailMessage:
    made = EmailMessage()
    headers = {
        "Message-ID": "<1@mail.example>", "Date": "Fri, 20 Nov 2026 09:15:00 +0800",
        "Subject": f"{NAME}关于物业费案的来信", "From": f"{NAME} <{ADDRESS}>", "To": "president@court.example",
    } | changes  # fmt: skip
    for name, value in headers.items():
        made[name] = value
    made.set_content(text)
    return made


def table(rows: list[dict[str, str]]) -> bytes:
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue().encode()


LETTER_ROW = {
    "信件编号": "X1", "来信时间": "2026-11-20 09:15", "信件类别": "建议", "信件标题": f"{NAME}的来信",
    "信件内容": LETTER, "来信人": NAME, "来信人电话": PHONE, "办理状态": "在办",
}  # fmt: skip
QUERY_ROW = {
    "登记编号": "M1", "收函时间": "2026-11-20 10:00", "采访主题": "物业费案", "媒体名称": "江澜晚报",
    "问询内容": f"江澜晚报记者{NAME}问：二审何时宣判？请回电{PHONE}。", "记者姓名": NAME, "记者电话": PHONE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content", "mapping", "kind"),
    [
        ("a.csv", lambda: table([LETTER_ROW]), "court_mailbox", PostKind.TICKET),
        ("a.csv", lambda: table([QUERY_ROW]), "media_queries", PostKind.MEDIA_QUERY),
        ("a.eml", lambda: mail().as_bytes(), "court_mailbox_mail", PostKind.TICKET),
        ("a.eml", lambda: mail().as_bytes(), "media_query_mail", PostKind.MEDIA_QUERY),
    ],
)
def test_what_is_asked_is_kept_and_who_asks_is_not(
    office: Office, file: str, content: Callable[[], bytes], mapping: str, kind: PostKind
) -> None:
    report = office.load(file, content(), mapping)
    assert (report.rows, report.new, report.rejected) == (1, 1, 0)
    [collected] = office.posts()
    post = collected.post
    assert (post.platform, post.kind) == (Platform.MAILBOX, kind)
    assert "判" in post.text
    assert "〔来信人〕" in post.full_text
    assert len(collected.author_tokens) == 1
    for secret in (NAME, ADDRESS, PHONE):
        assert secret not in repr(collected)
    media = kind is PostKind.MEDIA_QUERY
    assert post.verified_type is (VerifiedType.MEDIA if media else VerifiedType.ORDINARY)


def test_a_letter_that_is_rejected_keeps_no_sender_either(office: Office) -> None:
    rows = [LETTER_ROW | {"来信时间": "不详"}, LETTER_ROW | {"信件编号": ""}]
    assert office.load("a.csv", table(rows), "court_mailbox").rejected == 2
    assert office.load("a.eml", mail(Date="someday").as_bytes(), "court_mailbox_mail").rejected == 1
    kept = office.kept()
    assert "物业费案" in kept.encode().decode("unicode_escape", "replace") or "\\u7269" in kept
    for secret in (NAME, ADDRESS, PHONE):
        assert secret not in kept
        assert secret.encode("unicode_escape").decode() not in kept


def test_a_mailbox_is_its_mails(office: Office) -> None:
    mails = [
        mail(f"第{n}封：\n>From 前一封\nFrom 望川区来信", **{"Message-ID": f"<{n}@x>"})
        for n in range(3)
    ]
    mails[1].replace_header("Date", "no date")
    content = b"".join(
        b"From sender Fri Nov 20 09:15:00 2026\n" + one.as_bytes() + b"\n" for one in mails
    )
    report = office.load("a.mbox", content, "court_mailbox_mail")
    assert (report.rows, report.new, report.rejected) == (3, 2, 1)
    assert office.load("a.mbox", content, "court_mailbox_mail").duplicates == 2
    assert [post.post.text[:3] for post in office.posts()] == ["第0封", "第2封"]


def test_a_mail_that_hides_its_zone_is_of_the_instant_it_names(office: Office) -> None:
    office.load(
        "a.eml", mail(Date="Fri, 20 Nov 2026 01:15:00 -0000").as_bytes(), "court_mailbox_mail"
    )
    [collected] = office.posts()
    assert collected.post.published_at == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)


def test_charsets_html_and_attachments(office: Office) -> None:
    gbk = (
        b"Message-ID: <g@x>\r\nDate: Fri, 20 Nov 2026 09:15:00 +0800\r\n"
        b"Subject: =?gb2312?B?" + b64encode("执行问题".encode("gbk")) + b"?=\r\n"
        b"From: a@x\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + "执行款何时到账".encode("gbk")
    )  # fmt: skip
    assert office.load("gbk.eml", gbk, "court_mailbox_mail").new == 1
    rich = mail("", **{"Message-ID": "<h@x>"})
    rich.set_content("<p>开庭<b>改期</b>了吗</p><script>x</script>", subtype="html")
    rich.add_attachment(
        b"secret attachment text", maintype="text", subtype="plain", filename="a.txt"
    )
    assert office.load("rich.eml", rich.as_bytes(), "court_mailbox_mail").new == 1
    first, second = (post.post for post in office.posts())
    assert (first.title, first.text) == ("执行问题", "执行款何时到账")
    assert second.text == "开庭改期了吗"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("问题\n-- \n白露溪\n某公司", "问题"),
        ("问题\n-----原始邮件-----\n发件人: 甲", "问题"),
        ("问题\n> 引用\n还有", "问题\n还有"),
        ("在 2026年11月20日，某人写道：\n> 旧", ""),
    ],
)
def test_a_mail_is_what_its_sender_wrote_now(text: str, left: str) -> None:
    assert own_words(text) == left


def test_names_a_letter_gives_itself_are_found() -> None:
    text = "来信人：岑溪月\n我岑溪月住望川区。\n盼复！\n岑溪月"
    assert "岑溪月" not in without_sender(text, [])
    assert without_sender("王某来信", ["王"]) == "王某来信", "one character is no name to replace"
    assert without_sender("白先生说", ["白露先生"]) == "白先生说"
    assert without_sender("白露说", ["白露先生"]) == "〔来信人〕说"


@given(st.text(max_size=300), st.lists(st.text(max_size=10), max_size=3))
def test_no_name_long_enough_is_left(text: str, known: list[str]) -> None:
    left = without_sender(text + "".join(known), known)
    names = [name.strip() for name in known if len(name.strip()) >= 2]
    assert all(name not in left.replace("〔来信人〕", "") or name in "〔来信人〕" for name in names)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("redact: [来信人]", "redact: 来信人"), "not a list"),
        (("redact: [来信人]", "redact: [信件内容]"), "both mapped and redacted"),
        (("license_ref: 本院", "license: 本院"), "unknown key license"),
    ],
)
def test_a_mapping_that_would_keep_the_sender_is_refused(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:
    source = (FOLDER / "court_mailbox.yml").read_text(encoding="utf-8")
    path = tmp_path / "mailbox.yml"
    path.write_text(source.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        load_mapping(path)


def test_a_table_without_the_senders_column_is_refused(office: Office) -> None:
    row = {name: value for name, value in LETTER_ROW.items() if name != "来信人"}
    with pytest.raises(BadInput, match="columns are missing: 来信人"):
        office.load("a.csv", table([row]), "court_mailbox")


def test_a_mapping_for_tables_reads_no_mail(office: Office) -> None:
    with pytest.raises(BadInput, match="a mail has no"):
        office.load("a.eml", mail().as_bytes(), "court_mailbox")


def test_a_mail_of_any_depth_or_size_costs_itself_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3000)
    )
    report = office.load("deep.eml", b"Message-ID: <d@x>\r\n" + deep, "court_mailbox_mail")
    assert (report.rows, report.new, report.rejected) == (1, 0, 1)
    monkeypatch.setattr("crawlers.mail_rows.MAX_MAIL", 2_000)
    large = b"From x\n" + mail("长" * 2_000).as_bytes() + b"\nFrom x\n" + mail("短").as_bytes()
    report = office.load("large.mbox", large, "court_mailbox_mail")
    assert (report.rows, report.new, report.rejected) == (2, 1, 1)
