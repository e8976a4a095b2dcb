"""Attachments: objects, materials and styles taken from `[1]`, and edits guided by a sketch, scribble, depth, segmentation or box.

"replace the dog with [1]", "use the material of [1] for the chair", "in the style of [1]", "fit the picture to [1]", "follow the sketch [1] and ...".
"""

from __future__ import annotations

from pixwright.parse.grammar import Build, Caught, Clause, Rule, rule
from pixwright.parse.making import is_background, is_sound, parts, resolve, steps, where
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step

GUIDES = {word: one for one in EditType for word in one.traits.called.split()}


def _use(clause: Clause, caught: Caught) -> list[Step] | None:
    """The thing of the attachment in place of another."""
    number, target = caught["ref"], caught["target"]
    if is_sound(clause, number):
        return None
    if is_background(target):
        return steps(clause, EditType.BACKGROUND_CHANGE, None, reference=number)
    if resolve(clause, target) is None:
        return None
    what = caught.get("what")
    return steps(
        clause,
        EditType.VISUAL_REFERENCE,
        target,
        reference=number,
        value=what.bare if what and not what.pronoun and what.head not in ("one", "object", "thing") else None,
    )


def _place(clause: Clause, caught: Caught) -> list[Step] | None:
    """The thing of the attachment somewhere in the picture."""
    number, place = caught["ref"], caught.get("place")
    if is_sound(clause, number) or (clause.words[1] in ("a", "an") and clause.words[-2] == "on"):
        return None  # "put a hat on [1]": the hat is not what [1] shows
    anchor: Noun | None = caught.get("anchor")
    if anchor is not None:
        place = Place(Relation.ON, anchor) if resolve(clause, anchor) else None
    if (place is not None and place.anchor is not None and is_background(place.anchor)) or (
        place is not None and place.relation is Relation.BACKGROUND and "as" in clause.words
    ):
        return steps(clause, EditType.BACKGROUND_CHANGE, None, reference=number)
    what: Noun | None = caught.get("what")
    value = (
        what.bare
        if what and what.head not in ("object", "one", "thing", "item") and not what.whole and not what.pronoun
        else None
    )
    return steps(clause, EditType.VISUAL_REFERENCE, None, value=value, reference=number, where=where(clause, place))


def _background(clause: Clause, caught: Caught) -> list[Step] | None:
    return (
        None
        if is_sound(clause, caught["ref"])
        else steps(clause, EditType.BACKGROUND_CHANGE, None, reference=caught["ref"])
    )


_FITS = frozenset("fit match suit reflect express".split())


def _transfer(kind: EditType) -> Build:
    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        target = caught.get("target")
        number = caught["ref"]
        wanted = kind
        if target is not None and target.words[-1] in _FITS and len(target.words) > 1:
            return None
        if is_sound(clause, number):
            wanted = EditType.STYLE_TRANSFER
        named = target is not None and set(target.words) & {"material", "texture", "fabric", "style"}
        if wanted is EditType.MATERIAL_TRANSFER and (named or resolve(clause, target) is None):
            return None
        return [step for part in parts(target) for step in steps(clause, wanted, part, reference=number)]

    return build


def _like(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "make it look like [1]": the whole picture takes the style; a thing takes the material."""
    target = caught.get("target")
    if is_sound(clause, caught["ref"]) or resolve(clause, target) is None:
        return steps(clause, EditType.STYLE_TRANSFER, None, reference=caught["ref"])
    return steps(
        clause,
        EditType.VISUAL_REFERENCE if "into" in clause.words else EditType.MATERIAL_TRANSFER,
        target,
        reference=caught["ref"],
    )


def _sound(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "fit the picture to [1]": style and mood, from a sound or a picture."""
    return steps(clause, EditType.STYLE_TRANSFER, None, reference=caught["ref"])


_material = _transfer(EditType.MATERIAL_TRANSFER)
_style = _transfer(EditType.STYLE_TRANSFER)
_MATERIAL = "(material/texture/surface/fabric/pattern/stuff/substance/knit/linen/fur/tile/tiles/leather/stone/marble/wood/cloth/metal/brick/wool/silk/denim/velvet/concrete/plastic|wood grain|wood texture)"
_STYLE = "(brush/strokes/brushwork/brushstrokes/linework/style/look/mood/atmosphere/colors/palette/tone/feel/vibe/feeling/aesthetic/art/lighting/rhythm/emotion/ambience/spirit/artistic/painting/visual/overall)"
_STYLES = f"(the/its/a)? (same/exact/very/general)? {_STYLE} {_STYLE}? (and {_STYLE})?"
_OF = "(of/from/in/shown/given/by/as/like/on/to) (in/by/of/from)?"

RULES: tuple[Rule, ...] = (
    rule(f"(the)? {_MATERIAL} of <np:target> (should|must|could|needs to|has to|shall) (be|match|look|become|change to) (like|as|the same as|similar to|taken)? (that|the one|the {_MATERIAL}|those)? (of|in|from|shown in|as in)? <ref>", _material),
    rule(f"(could|can|should|must|would) <np:target> (have|be made of|be made from|be of|use|get) (the)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule(f"(paint|cover|coat|clad|upholster|fill|wrap|texture|dress) <np:target> (in|with|using) (the)? {_MATERIAL} {_OF} <ref>", _material),
    rule("(make|build|create|form|sculpt|craft) <np:target> (from|of|out of|with) <ref>", _material),
    rule(f"(@apply|use|put) <ref> (to|on|onto|for) <np:target> (as (the|a|its)? {_MATERIAL})?", lambda c, k: _material(c, k) if resolve(c, k["target"]) and c.words[0] in ("apply", "use") else None),
    rule(f"(@apply|use|take|copy|transfer|put|map|wrap|borrow) (the)? {_MATERIAL} {_OF} <ref> (to|for|on|onto|over|around|and apply it to|and put it on|and use it for|and use it on) <np:target>", _material),
    rule(f"(@apply|use|transfer|copy|map) <ref> as (the|a)? {_MATERIAL} (of|for|on) <np:target>", _material),
    rule(f"(@apply|use|transfer|put) <ref> 's {_MATERIAL} (of|for|on|to|onto) <np:target>", _material),
    rule(f"(@change|@make|@turn|@replace|give|set|match) (the)? {_MATERIAL} of <np:target> (to|into|with|by|like|as|look like|match|so that it matches|so it matches|be|to be|to match|similar to|the same as|be like) (that|the one|the {_MATERIAL}|those|the same|{_MATERIAL})? (of|in|from|shown in|as in)? <ref>", _material),
    rule(f"(@change|@make|@turn|give|set) <snp:target> 's {_MATERIAL} (to|into|with|by|like|as|look like|match) (that|the one|the {_MATERIAL}|the same)? (of|in|from)? <ref>", _material),
    rule(f"(@make|@change|@turn|render|build|create|want|show) <np:target> (be|look|to be)? (out of|from|of|with|in|made of|made from|made out of|into|as|like|to|look like it is made of|look like|to look like|having|have|use|made with|look like it is made from) (it is made of|made of)? (the|a)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule(f"(give|lend) <np:target> (the|a)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule("(@make|@change|render|build) <np:target> (be|look|to be|look like it is|look as if it is|look as if it were|look like it was)? (made of|made from|out of|made out of) (what is|that|the one)? (in|shown in)? <ref>", _material),
    rule(f"<np:target> (should|must|could|can|shall|needs to|has to|to|were|was)? (have|be|in|with|be in|be made of|be made from|be made out of|use|get|take on|look like|made of|made from|made out of|be covered with|be in|had) (the)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule(f"(@make|let|have) <np:target> (to)? (have|take on|get|use|match|take) (the)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule("(texture) <np:target> (like|with|after|using|as) (the)? (material|surface)? (of|in|from)? <ref>", _material),
    rule("(cover|wrap|coat|clad) <np:target> (in|with) (the)? (material/texture/pattern/fabric)? (of/from/in)? <ref>", _material),
    rule(f"(@apply|use|take|copy|transfer|adopt|match|borrow|mimic|imitate|follow|adapt to|capture|reproduce|add|give it|give) {_STYLES} {_OF} <ref> (to|for|on|onto|in|over|and apply it to|when editing|and use it for|and use it on) <np:target>", _style),
    rule(f"(@apply|use|take|copy|transfer|adopt|match|borrow|mimic|imitate|follow|adapt to|capture|reproduce|add|change to|set) {_STYLES} {_OF} <ref>", _style),
    rule("(@apply|use|take) <ref> as (the|a)? (style|style reference|style image|reference for the style|reference|style guide|inspiration|mood|reference style)? (for <np:target>)?", lambda c, k: _style(c, k) if "style" in c.words or is_sound(c, k["ref"]) or "reference" in c.words else None),
    rule("(@apply|use) <ref> 's (style/look/mood/palette/colors/atmosphere) (to|for|on)? <np:target>?", _style),
    rule(f"(@stylize|@make|@change|@turn|give|lend|render|match|paint|adapt|want|restyle) <np:target> (look|be|to be|to look|to|into|to have|have|with|using|so that it has|so it has|to match|match|after)? (as|like|it is|it was)? (in|to|with|into|painted in|by|as|done in|drawn in|after)? {_STYLES} {_OF} <ref>", _style),
    rule(f"(@stylize|@change|@make|transfer|match|adapt|set|adjust) (the)? {_STYLE} (of <np:target>)? (to|into|like|be|to be|as|match|with|to match|so that it matches) (that|the one|the style|the mood)? (of|in|from)? <ref>", _style),
    rule(f"(make|want|stylize)? (in|with|using) {_STYLES} {_OF} <ref>", _style),
    rule(f"(can|could|may|would|should|must) <np:target> (have|get|take on|share|be given) {_STYLES} {_OF} <ref>", _style),
    rule(f"(@apply|use|take|copy|have|want|make|give it)? (the)? (same|similar|exact)? (color)? {_STYLE} {_OF} <ref>", _style),
    rule(f"<np:target> (should|must|could|can|shall|needs to|has to|to|were|was)? (have|be|be in|be painted in|look|get|take on|match|painted in|drawn in|in) (like|as)? (in)? {_STYLES} {_OF} <ref>", _style),
    rule("(stylize|restyle|paint|render|redraw|repaint|draw|style) <np:target> (like|as|after|as in|based on|according to|following|using|with|in the way of|to look like) <ref>", _style),
    rule("(fit|match|adapt|adjust|tune|make|suit|set|harmonize|align|let|have|change|bring|edit|transform|turn|make sure) <np:target> (to)? (to|with|for|so that it fits|so that it matches|so that it suits|so it fits|so it matches|fit|match|suit|fitting|matching|to fit|to match|according to|feel like|look like|sound like|look how|to suit|reflect|to reflect|express|in tune with|into the mood of|go with|to the mood of) (the)? (mood of|feeling of|style of|feel of|atmosphere of|emotion of|music of|rhythm of|music in|how)? <ref> (sounds|sound)?", lambda c, k: _sound(c, k) if is_sound(c, k["ref"]) or set(c.words) & {"fit", "match", "fits", "matches", "suit", "suits", "mood", "adapt", "harmonize"} else None),
    rule("(fit|match|suit|follow|reflect|express|feel like|look like|visualize|illustrate|interpret|adapt to|listen to|use) (to)? (the)? (mood of|feeling of|style of|feel of|atmosphere of|music of|music in)? <ref>", lambda c, k: _sound(c, k) if is_sound(c, k["ref"]) or set(c.words) & {"mood", "feeling", "style", "feel", "atmosphere", "match", "look"} else None),
    rule("(make|let|have|want) <np:target> (to)? (look|feel|be|seem)? (like|as|similar to|as if it were|more like|the way) ((the|that|a|an)? <noun:what> (of|in|from|on))? <ref> (sounds|looks|feels)?", _like),
    rule("<np:target> (should|must|could|can|to) (look|feel|be|fit|match|suit|reflect|go with) (like|as|similar to)? (the)? (mood of|style of|feeling of)? <ref> (sounds)?", _like),
    rule("(@turn|@make|@change) <np:target> (into|to) something (like|similar to|in the style of|in the manner of) <ref>", _like),
    rule(f"(redo|modify|edit|change|transform|adapt|rework|remake|alter|adjust|rethink) <np:target>? (so that|so|such that|to)? (it)? (goes with|go with|goes along with|is in tune with|based on|on the basis of|according to|in line with|inspired by|after) (the)? ({_STYLE} of)? <ref>", lambda c, k: _sound(c, k) if resolve(c, k.get("target")) is None and (is_sound(c, k["ref"]) or set(c.words) & {"goes", "go", "tune"}) else None),
    rule("(use|set|put|make|take|have|place|insert|choose|want) (the)? (scene|landscape|picture|photo|image|background|place|view|setting)? (of|in|from|shown in)? <ref> (as|to be|for|be|become|in|into|to) (the|a)? (new)? (background/backdrop)", _background),
    rule("(@change|@replace|set|@turn|make|switch|swap) (the)? (background/backdrop) (to|with|by|for|into|be|like|as) (the)? (one|background|scene|place|landscape|view|setting|that)? (of|in|from|shown in)? <ref>", _background),
    rule("(use|take|put in|add|insert) (the)? (background/backdrop) (of|from|in) <ref>", _background),
    rule("(give it|put in|use|want|need|with)? (the)? same (background/backdrop/setting/scenery) (of|as|like|from) (in)? <ref>", _background),
    rule("(put|place|set) <np:what> (in|into|before|in front of|at|on|against) (the)? (scene|place|landscape|background|setting|background of|scene of) (of|in|from|shown in)? <ref>", lambda c, k: _background(c, k) if k["what"].definite else None),
    rule("(put|place|set|show) <np:what> (before|in front of|against) (the)? (scene|place|landscape|background|setting)? <ref>", lambda c, k: _background(c, k) if k["what"].definite else None),
    rule("(@replace|@turn) <np:target> (with|by|for|into|to) (the|this|that)? (exact|same)? <noun:what> (of|in|from|shown in|that is in|which is in|given in|pictured in|on) <ref>", _use),
    rule("(@replace|@turn) <np:target> (with|by|for|into|to|look like) <ref>", _use),
    rule(f"(dress|upholster|wrap|cover|clad|coat|clothe) <np:target> (in|with) (the)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule(f"<np:target> (should|must|shall)? (be)? (in|of) (the)? same {_MATERIAL} {_OF} (in)? <ref>", _material),
    rule(f"(@make|let|have|want)? <np:target> (to)? (look like|be|in|with|have) (the)? (same)? {_MATERIAL} {_OF} <ref>", _material),
    rule("(@make|let|have|want)? <np:target> (to)? (be)? made (out)? of (whatever|what|the same as what|that which) <ref> (is/was)? (made)? (out)? (of)?", _material),
    rule(f"(take|use|copy|grab|get|borrow) (the)? {_MATERIAL} {_OF} <ref> (and)? (put it on|put it onto|apply it to|use it for|use it on|for|onto|on|to) <np:target>", _material),
    rule("(@make|have|let)? <np:whole> (to)? (look)? (like)? (it|they)? (belongs|belong|goes|go|fits|fit) (next to|together with|with|beside|alongside|in a series with) <ref>", lambda c, k: _like(c, k) if resolve(c, k["whole"]) is None else None),
    rule("(it|they) (belongs|belong|goes|fits) (next to|together with|with|beside|alongside) <ref>", _like),
    rule("(fit|match|adapt|tune|set) <np:target> (to|with) (what|whatever) (you|we|one|i)? (hear|hears|is heard|sounds|plays|is played) (in|from|on) <ref>", _like),
    rule("<np:target>? (painted|drawn|rendered|styled) (like|as in|as|after|in the way of) <ref>", _like),
    rule("(the)? <noun:what> (of|in|from|shown in) <ref> to (sit|stand|lie|be|hang|go|sleep) <place>", _place),
    rule("(the)? (painter/artist/maker/creator/photographer) (of|behind|from) <ref> (had/has/would have)? (painted/drawn/made/created/shot/done) (it|this|that)", _style),
    rule("(@make|want) <np:target> (into|become|be|to be) (the)? (one|thing|object)? (of|in|from)? <ref>", _use),
    rule("(substitute) <ref> (for|in place of) <np:target>", _use),
    rule("(substitute) (the)? <noun:what> (of|in|from|shown in) <ref> (for|in place of) <np:target>", _use),
    rule("(@put|@add|use|show|i want|have|want) <ref> (instead of|in place of|for|in the place of|rather than) <np:target>", _use),
    rule("(@put|@add|use|show|have|want) (the)? <noun:what> (of|in|from|shown in) <ref> (instead of|in place of|for|in the place of|rather than) <np:target>", _use),
    rule("<np:target> (should|must|could|can|to) (be|become|be replaced by|be replaced with|look like|be swapped for) (the)? (one|thing|object)? (of|in|from)? <ref>", _use),
    rule("(@add|@put|use|have|there should be|want|bring|copy|show|transfer|take) <ref> <place>", _place),
    rule("(@add|@put|paste|use|bring|copy|transfer|give) <ref> (to|into|in|onto) <one:anchor>", _place),
    rule("(@add|@put|paste|use|bring|copy|transfer|take|have|want|show) (the|this|that|a|an)? <noun:what> (of|in|from|shown in|that is in|which is in|pictured in|on) <ref> (here)? <place>", _place),
    rule("(@add|@put|paste|use|bring|copy|transfer|take|give) (the|this|that|a|an)? <noun:what> (of|in|from|shown in|that is in|which is in|pictured in|on) <ref> (to|into|in|onto|and put it on|and add it to) <one:anchor>", _place),
    rule("(@add|@put|paste|insert|bring|copy|include) (the|this|that|a|an)? <noun:what> (of|in|from|shown in|that is in|which is in|pictured in|on) <ref>", _place),
    rule("(@add|paste|insert|include|put in) <ref> (somewhere|to it|here|in)?", _place),
    rule("there (should|must|could) be <ref> <place>", _place),
    rule("(let|have|make) <np:anchor> (wear|wearing|hold|have|carry) <ref>", _place),
    rule("(let|have|make) <np:anchor> (wear|wearing|hold|have|carry) (the|this|that)? <noun:what> (of|in|from|shown in|on) <ref>", _place),
    rule("give <snp:anchor> (the|this|that)? <noun:what> (of|in|from|shown in|on) <ref>", _place),
    rule("give <np:anchor> <ref>", _place),
)  # fmt: skip
