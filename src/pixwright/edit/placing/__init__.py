"""Things put into a picture. Start at `place` (where and how large); `cost` scores places in the free `space`, by an `anchor`.

`library` finds cut-outs, `lifting` takes a thing out of the picture itself, `harmonise` fits light and shadow to the `surroundings`.
"""
