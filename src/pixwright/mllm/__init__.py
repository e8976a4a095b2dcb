"""The multi-modal language model: words, pictures and sounds in, control tokens and vectors out (InstructAny2Pix: sections 3.1 and 3.2.2).

Start at `contract`: what the model is asked and what it answers. No torch is imported before a model is opened.
"""
