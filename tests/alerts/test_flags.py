"""Facts read from texts: words, what covers them, denial, refutation, questions."""

from __future__ import annotations

import pytest

from alerts.flags import carries, read_flags
from alerts.policy.settings import default_policy
from domain.alerts import Fact, Share

FLAGS = default_policy().flags
YES, NO = True, False


@pytest.mark.parametrize(
    ("fact", "text", "expected"),
    [
        (Fact.MINOR, "被打的是一名初中生，才十四岁。", YES),
        (Fact.MINOR, "8岁女孩在云岫区走失，监护权官司还没判。", YES),
        (Fact.MINOR, "一名未成年儿童被判给了父亲", YES),
        (Fact.MINOR, "〔未成年人信息〕家里人还在等判决", YES),
        (Fact.MINOR, "被告人38岁，无业。", NO),
        (Fact.MINOR, "年满18岁，已成年。", NO),
        (Fact.MINOR, "法院开展未成年人保护法宣传", NO),
        (Fact.MINOR, "被害人是不是未成年？", NO),
        (Fact.MINOR, "被害人并非未成年人，网上说错了", NO),
        (Fact.MINOR, "这判决小学生都看得出来不对", NO),
        (Fact.COURT_VIOLENCE, "少年捅死继父 法院：减轻处罚", NO),
        (Fact.MINOR, "非常年轻的小学生也来旁听", YES),
        (Fact.DEATH, "望川区工地事故造成两人死亡，家属起诉。", YES),
        (Fact.DEATH, "人都不治了，才想起来道歉", YES),
        (Fact.DEATH, "杀人偿命！", NO),
        (Fact.DEATH, "没有造成人员死亡", NO),
        (Fact.DEATH, "经核实，无人身亡。", NO),
        (Fact.DEATH, "网传有人死亡系谣言", NO),
        (Fact.DEATH, "听说死人了，有没有人死亡？", NO),
        (Fact.DEATH, "立案系统又卡死了，笑死了", NO),
        (Fact.DEATH, "被告人被判死刑", NO),
        (Fact.DEATH, "没有人管。后来老人去世了。", YES),
        (Fact.DEATH, "没有人管，后来老人去世了。", YES),
        (Fact.COURT_VIOLENCE, "有人在青崖县法院门口持刀行凶", YES),
        (Fact.COURT_VIOLENCE, "立案大厅有人泼汽油", YES),
        (Fact.COURT_VIOLENCE, "法警被当事人打伤", YES),
        (Fact.COURT_VIOLENCE, "法院认定他持刀行凶，判了十年", NO),
        (Fact.COURT_VIOLENCE, "他在夜市持刀行凶。法院判了三年。", NO),
        (Fact.COURT_VIOLENCE, "法院里没有发生打人的事", NO),
        (Fact.NATIONAL_MEDIA, "央视都报道云岫区法院了", YES),
        (Fact.NATIONAL_MEDIA, "本地晚报报道云岫区法院了", NO),
    ],
)
def test_a_text_is_read_for_a_fact(fact, text, expected):
    assert carries(text, FLAGS.of()[fact], FLAGS) is expected


def test_shares_are_of_the_posts_given(bench):
    at = bench.clock.now
    posts = [bench.post("1", at, text="两人死亡").post, bench.post("2", at, text="云岫区晴").post]
    found = {flag.fact: flag for flag in read_flags(posts, FLAGS)}
    assert found[Fact.DEATH].carried == Share(1, 2)
    assert found[Fact.MINOR].carried == Share(0, 2)
    assert Fact.LOCAL_HOT not in found
    assert Fact.NATIONAL_HOT not in found


def test_a_source_declared_as_national_carries_the_flag_by_itself(bench):
    national = FLAGS.national_media.model_copy(update={"sources": ("news_national",)})
    words = FLAGS.model_copy(update={"national_media": national})
    post = bench.post("1", bench.clock.now, source="news_national").post
    found = {flag.fact: flag.carried for flag in read_flags([post], words)}
    assert found[Fact.NATIONAL_MEDIA] == Share(1, 1)
