"""Things put into a picture. Start at `place` (where and how large); `cost` scores places in the free `space`, by an `anchor`.

`library` finds cut-outs on the `shelves`, `attached` cuts them out of an attachment, `copies` repeats what the picture itself holds; `lifting` takes a thing
out of it. `harmonise` fits light and shadow to the `surroundings`, and `before` knows what hides a part.
"""
