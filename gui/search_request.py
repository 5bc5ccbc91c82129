"""What the search page asks of the engine: the query bar and the filters as one request."""

from __future__ import annotations

from engine.requests import Search
from gui.widgets.filter_row import Filters
from gui.widgets.query_bar import QueryBar


def search_request(
    bar: QueryBar, chosen: Filters, *, k: int | None, finished: bool, evalset: str | None
) -> Search:
    """The query as it is; `k` documents, or as many as the settings say.

    The last word of a query that is not `finished` may go on. Results carry the grades of
    `evalset`, or the user's own.
    """
    picture = bar.picture
    return Search(
        query=bar.query,
        k=k,
        mode=bar.mode,
        balance=bar.balance,
        rerank=bar.rerank,
        prefix=not finished,
        under=chosen.under,
        types=chosen.types,
        modified_after=chosen.modified_after,
        modified_before=chosen.modified_before,
        author=chosen.author,
        languages=chosen.languages,
        cameras=chosen.cameras,
        tags=chosen.tags,
        kind=bar.kind,
        image=picture.path or None if picture else None,
        like=picture.document_id if picture else None,
        weight=bar.weight if picture else None,
        evalset=evalset,
    )
