"""What each word of an instruction is for: the layers of MiniLM, taught on instructions that were labelled by hand (`train/tagging`, `recipes/train/tagger.py`).

Start at `tagger`; `labels` has the kinds of steps, the roles of words and the canonical words. `parse/tagged` makes edits of them.
"""
