"""A fictional court and its public: everything here is invented, no person or post is real.

`demo.scenario` makes the posts, articles, statements and tickets of 江澜市; `demo.servers` serves
them on loopback in the shapes of the real sources, failures included. Tests use the same servers.
"""
