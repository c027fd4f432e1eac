"""The desk as people meet it: eyes, keys, a phone at night, a browser without scripts."""

from __future__ import annotations

import time
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from domain.alerts import Level
from domain.sources import Gap, GapReason

_PATIENCE = 15_000


def _alert(desk: Any, case: str = "liang") -> Any:
    return next(one for one in desk.services.records.alerts.open() if one.case_id == case)


def _top(page: Any, selector: str) -> float:
    top: float = page.eval_on_selector(selector, "one => one.getBoundingClientRect().top")
    return top


def _until(page: Any, expression: str) -> None:
    """Wait by asking; Playwright's own wait evaluates strings, which our policy forbids."""
    deadline = time.monotonic() + _PATIENCE / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"{expression} did not come true"
        page.wait_for_timeout(50)


def _live(window: Any) -> Any:
    page = window.go("/")
    _until(page, "document.querySelector('#live').textContent.includes('实时')")
    return page


def test_a_new_alert_appears_without_reload_and_moves_nothing(
    window: Any, desk: Any, seed: ModuleType
) -> None:
    page = _live(window)
    page.evaluate("window.unchanged = true")
    known = f"#alert-{_alert(desk).id}"
    before = _top(page, known)
    made = seed.alert("new", "filing", Level.RED, seed.NOW)
    desk.services.records.alerts.save(made, "raised")
    page.wait_for_selector(f"#alert-{made.id}", timeout=_PATIENCE)
    assert page.evaluate("window.unchanged")
    assert abs(_top(page, known) - before) < 1
    assert page.locator("#lines tr").first.get_attribute("id") == f"alert-{made.id}"
    assert "新预警：红（特别重大） 云岫区法院网上立案" in page.inner_text("#live")
    assert page.inner_text("#open-count") == "4"
    assert page.title().startswith("(1) ")


def test_a_reader_far_below_is_told_and_taken_up(wide: Any, desk: Any, seed: ModuleType) -> None:
    for number in range(25):
        desk.services.records.alerts.save(
            seed.alert(f"old{number}", "liang", Level.BLUE, seed.NOW - timedelta(hours=1)), "raised"
        )
    page = _live(wide)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    desk.services.records.alerts.save(seed.alert("new", "filing", Level.RED, seed.NOW), "raised")
    page.wait_for_selector("#show-arrived", timeout=_PATIENCE)
    assert page.inner_text("#show-arrived") == "1 条新预警，点此显示"
    assert page.title().startswith("(1) ")
    page.click("#show-arrived")
    _until(page, "document.querySelector('#lines').getBoundingClientRect().top >= 0")


def test_the_first_alert_replaces_the_empty_words(
    chromium: Any, empty: Any, seed: ModuleType
) -> None:
    seed.sources(empty.services.records, seed.NOW, blind=())
    for case in seed.CASES:
        empty.services.records.cases.save(case)
    page = chromium.new_page()
    page.goto(empty.address)
    assert "目前没有预警" in page.inner_text("#empty")
    _until(page, "document.querySelector('#live').textContent.includes('实时')")
    made = seed.alert("first", "liang", Level.ORANGE, seed.NOW)
    empty.services.records.alerts.save(made, "raised")
    page.wait_for_selector(f"#alert-{made.id}", timeout=_PATIENCE)
    assert not page.is_visible("#empty")
    page.close()


def test_somebody_elses_act_changes_the_line_in_place(wide: Any, desk: Any) -> None:
    page = _live(wide)
    alert = _alert(desk)
    page.keyboard.press("j")
    desk.services.records.alerts.acknowledge(alert.id)
    _until(page, f"document.querySelector('#alert-{alert.id}').textContent.includes('已认领')")
    row = page.locator(f"#alert-{alert.id}")
    assert "current" in row.get_attribute("class")
    assert page.evaluate("document.activeElement.textContent") == "梁某案"


def test_an_alert_opened_again_moves_up_from_the_closed_ones(wide: Any, desk: Any) -> None:
    records = desk.services.records.alerts
    alert = _alert(desk)
    records.dismiss(alert.id, "同名")
    page = _live(wide)
    assert not page.evaluate(f"document.querySelector('#lines #alert-{alert.id}')")
    records.reopen(alert.id, "核实后确系本院案件")
    _until(page, f"document.querySelector('#lines #alert-{alert.id}')")
    assert page.locator(f"#alert-{alert.id}").count() == 1


def test_a_source_that_goes_blind_shows_at_once(wide: Any, desk: Any, seed: ModuleType) -> None:
    page = _live(wide)
    desk.services.records.runs.open_gap(Gap("news", seed.NOW, None, GapReason.DOWN))
    desk.services.clock.now = seed.NOW + timedelta(minutes=2)
    _until(page, "document.querySelector('#strip').textContent.includes('连不上')")


def test_keys_go_from_the_list_to_a_dismissal(wide: Any, desk: Any) -> None:
    page = _live(wide)
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "云岫区法院网上立案" in page.inner_text("tr.current")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/*")
    assert "梁某案" in page.inner_text("h1")
    page.keyboard.press("d")
    page.keyboard.type("同名，与本院无关")
    page.keyboard.press("Tab")
    page.keyboard.type("值班员甲")
    page.keyboard.press("Enter")
    page.wait_for_selector("#reopen")
    assert page.input_value("#reopen input[name=by]") == "值班员甲"  # typed once a shift
    assert desk.services.records.alerts.get(page.url.rsplit("/", 1)[1]).reason == "同名，与本院无关"


def test_keys_confirm_claim_and_search(wide: Any, desk: Any) -> None:
    page = _live(wide)
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url("**/alerts/*#do-confirm")
    _until(page, "document.activeElement.name === 'level'")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("值班员甲")
    page.keyboard.press("Enter")
    page.wait_for_selector(".claimed")
    page.keyboard.press("/")
    page.keyboard.type("物业费")
    page.keyboard.press("Enter")
    page.wait_for_url("**/posts?q=*")
    assert "共 71 帖" in page.inner_text("main")


def test_words_marked_in_a_post_become_a_case(wide: Any, desk: Any) -> None:
    page = _live(wide)
    page.evaluate(
        "() => { const text = document.querySelector('.post .said').firstChild;"
        " const range = document.createRange(); range.setStart(text, 0); range.setEnd(text, 5);"
        " getSelection().removeAllRanges(); getSelection().addRange(range); }"
    )
    page.wait_for_selector("text=关注“青崖县法院”")
    page.keyboard.press("w")
    page.wait_for_url("**/watch?phrase=*")
    assert page.input_value("#f-title") == "青崖县法院"
    page.fill("#f-events", "排队")
    page.click("text=开始关注")
    page.wait_for_selector(".vega.drawn canvas", timeout=_PATIENCE)
    assert "回溯" in page.inner_text("main")


def test_focus_is_always_visible(wide: Any) -> None:
    page = wide.go("/")
    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px", page.evaluate("document.activeElement.outerHTML")


def test_every_page_fits_and_breaks_no_rule(window: Any, desk: Any) -> None:
    for path in (
        "/", "/cases", "/cases/liang", "/candidates", "/operations", "/watch?phrase=云岫区法院 网上立案", "/posts?q=法院", "/sources",
        "/reports", "/about", "/settings", "/settings/routes", "/settings/budget", "/silences",
        "/?by=court", f"/alerts/{_alert(desk).id}", f"/alerts/{_alert(desk, 'property').id}",
    ):  # fmt: skip
        page = window.go(path)
        if page.query_selector("[data-chart]"):
            page.wait_for_selector(".vega.drawn canvas", timeout=_PATIENCE)
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, path
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main .button')].filter("
            "one => one.offsetParent && one.getBoundingClientRect().height < 24).length"
        )
        assert small == 0, path


def test_a_chart_is_drawn_without_eval_and_explains_itself(wide: Any, desk: Any) -> None:
    page = wide.go(f"/alerts/{_alert(desk).id}")
    page.wait_for_selector(".vega.drawn canvas", timeout=_PATIENCE)
    inked = page.evaluate(
        "() => { const one = document.querySelector('.vega canvas');"
        " const data = one.getContext('2d').getImageData(0, 0, one.width, one.height).data;"
        " let blue = 0; for (let i = 0; i < data.length; i += 4)"
        " if (data[i] < 80 && data[i+2] > 140) blue += 1; return blue; }"
    )
    assert inked > 100  # the observed line is there
    assert "起高于预期" in page.get_attribute(".vega", "aria-label")
    assert not page.is_visible("noscript img")


def test_a_chart_that_fails_leaves_its_numbers(wide: Any, desk: Any) -> None:
    wide.page.route("**/chart.json*", lambda route: route.abort())
    page = wide.go(f"/alerts/{_alert(desk).id}")
    page.wait_for_selector("details.numbers[open]", timeout=_PATIENCE)
    assert "图没有画出来" in page.inner_text(".vega")
    wide.complaints.clear()  # the failure was ours


def test_the_page_reads_and_works_without_scripts(scriptless: Any, desk: Any) -> None:
    page = scriptless.go("/")
    assert "梁某案" in page.inner_text("#feed")
    assert not page.is_visible(".needs-script")
    page.click("text=梁某案")
    picture = page.locator("noscript img, .chart img").first
    picture.wait_for()
    _until(page, "document.querySelector('.chart img').naturalWidth > 300")
    assert not page.is_visible(".vega")
    page.fill("#dismiss input[name=reason]", "同名，与本院无关")
    page.fill("#dismiss input[name=by]", "值班员甲")
    page.click("#dismiss button")
    assert "已驳回" in page.inner_text("main")
    page.goto(f"{scriptless.address}/silences")
    page.fill("form.inline >> nth=0 >> input[name=reason]", "专人跟进")
    page.click("form.inline >> nth=0 >> button")
    assert "正在静默（1）" in page.inner_text("main")
    page.goto(f"{scriptless.address}/")
    page.fill("#phrase", "青崖县法院 排队")
    page.click("text=关注为案件 >> nth=0")
    page.click("text=开始关注")
    assert "回溯" in page.inner_text("main")


def test_hostile_text_runs_nothing(wide: Any, desk: Any, seed: ModuleType) -> None:
    items = desk.services.store.get([one.post_id for one in _alert(desk).why.evidence])
    bad = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>"
    desk.services.store.upsert(
        [
            seed.replace(item, post=seed.replace(item.post, text=bad, title=bad, url="javascript:0",
                                                 edited_at=seed.NOW))
            for item in items
        ]
    )  # fmt: skip
    page = wide.go(f"/alerts/{_alert(desk).id}")
    page.wait_for_selector(".vega.drawn", timeout=_PATIENCE)
    assert "<script>" in page.inner_text("main")
    assert "hit" not in page.title()


@pytest.mark.parametrize("path", ["/", "/sources"])
def test_times_read_in_shanghai_wherever_the_browser_is(wide: Any, path: str) -> None:
    page = wide.go(path)
    assert page.inner_text("main").count("14:11") + page.inner_text("main").count("14:05") >= 1
    if path == "/":
        _until(page, "document.querySelector('#live').textContent.includes('14:1')")
