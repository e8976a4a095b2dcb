"""`pixwright serve`: the editor behind HTTP, for its own page, for the official OpenAI client, and for clients of IOPaint and A1111.

Start at `app.create`. `settings` says what can be chosen; `services` is what a request can use: the `store` (jobs, pictures, regions in SQLite), the `queue` that
hands jobs to the one `child` that edits, and the `looks` that answer clicks. What runs in children is in `work` and `decode`; `guard` refuses requests before they
are read; `errors` maps every typed error to a status; `routes/` has a file a family of routes.
"""
