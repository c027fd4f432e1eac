"""法治网: the publishing system marks the article by comments."""

from __future__ import annotations

import re

from parsel import Selector

from crawlers.spiders.site import Article, SiteSpider
from text.normalise import html_to_text

_MARKED = re.compile(r"<!--\s*enpcontent\s*-->(.*?)<!--\s*/enpcontent\s*-->", re.DOTALL)


class Spider(SiteSpider):
    """Reads what stands between the marks; a page without them goes to the extractor."""

    def _parse_text(self, page: Selector, article: Article) -> str:
        marked = "\n".join(html_to_text(part) for part in _MARKED.findall(article.html)).strip()
        if len(marked) >= self.declaration.expect.min_text_chars:
            return marked
        return super()._parse_text(page, article)
