"""Superpixels, their graph, and the walk over it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ground_looks import discs, photo, planted
from scipy import sparse
from scipy.sparse.linalg import spsolve

from pixwright.ground.geometry import frame_of
from pixwright.ground.superpixels import walk


def solved(pieces, odds, trust):
    """The same system, written from its energy and solved directly."""
    own = trust * pieces.area / pieces.area.mean()
    one, other = pieces.pairs.T
    apart = np.linalg.norm(pieces.colour[one] - pieces.colour[other], axis=1)
    firm = np.exp(-(apart + pieces.contrast) / 9) * pieces.border / pieces.border.mean()
    count = len(own)
    graph = sparse.coo_matrix((firm, (one, other)), (count, count))
    graph = graph + graph.T
    system = sparse.diags(np.asarray(graph.sum(1)).ravel() + own) - graph
    return spsolve(system.tocsc(), (own * odds.T).T)


@pytest.mark.parametrize("columns", [None, 3])
def test_the_walk_solves_its_system(columns):
    pieces = photo("coffee").pieces
    rng = np.random.default_rng(0)
    count = len(pieces.area)
    odds = rng.random(count if columns is None else (count, columns)).astype(np.float32)
    trust = (0.05 + rng.random(count)).astype(np.float32)
    found = walk(pieces, odds, trust)
    assert found.shape == odds.shape
    assert np.abs(found - solved(pieces, odds, trust)).max() < 0.01


def test_a_belief_spreads_over_what_is_alike_and_stops_at_an_edge():
    picture, (disc,) = discs((250, 190, 110))
    pieces = planted(picture).pieces
    share = pieces.mean(disc)
    seed = np.zeros(len(share), np.float32)
    trust = np.full(len(share), 1e-3, np.float32)
    inner, outer = pieces.labels[190, 250], pieces.labels[9, 9]
    seed[inner], trust[[inner, outer]] = 1, 100
    belief = walk(pieces, seed, trust)
    assert belief[share > 0.9].min() > 0.6 and belief[share < 0.1].max() < 0.4


def test_pieces_cover_the_picture_and_keep_to_its_edges():
    picture, (disc,) = discs((250, 190, 110))
    pieces = planted(picture).pieces
    count = len(pieces.area)
    assert pieces.labels.shape == planted(picture).shape and pieces.labels.min() == 0
    assert np.array_equal(np.maximum(np.bincount(pieces.labels.ravel(), minlength=count), 1), pieces.area)
    share = pieces.mean(disc)
    mixed = (share > 0.1) & (share < 0.9)
    assert pieces.area[mixed].sum() < 0.02 * pieces.labels.size
    assert np.array_equal(pieces.paint(np.arange(count, dtype=np.float32)).astype(int), pieces.labels)


def test_the_graph_is_symmetric_and_joins_only_what_touches():
    pieces = photo("coffee").pieces
    near, weight, degree = pieces.links
    count = len(pieces.area)
    full = np.zeros((count, count), np.float32)
    np.add.at(full, (np.repeat(np.arange(count), near.shape[1]), near.ravel()), weight.ravel())
    assert np.allclose(full, full.T) and np.allclose(full.sum(1), degree) and not full.diagonal().any()
    one, other = pieces.pairs.T
    assert (full[one, other] > 0).all() and (full > 0).sum() == 2 * len(one)


@pytest.mark.parametrize("size", [(1, 40), (7, 9), (40, 3)])
def test_small_pictures_have_pieces_too(size):
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    pieces = planted(picture).pieces
    assert pieces.labels.min() >= 0 and np.isfinite(pieces.colour).all()


def test_a_region_has_the_box_of_what_it_was_joined_of():
    tree = photo("coffee").tree
    assert len(tree.children) <= tree.pieces - 1
    joined = tree.box[tree.pieces :]
    one, other = tree.box[tree.children[:, 0]], tree.box[tree.children[:, 1]]
    assert np.array_equal(joined[:, :2], np.minimum(one, other)[:, :2])
    assert np.array_equal(joined[:, 2:], np.maximum(one, other)[:, 2:])
    assert len(np.unique(tree.children)) == tree.children.size, "no region is joined twice"


def test_a_diagonal_bar_of_two_colours_fills_its_box_and_what_lies_beside_it_does_not():
    picture = np.full((384, 512, 3), (200, 205, 210), np.uint8)
    bar = np.zeros(picture.shape[:2], np.uint8)
    cv2.line(bar, (120, 80), (400, 320), 1, 16)
    picture[bar > 0] = (60, 40, 30)
    picture[:, 260:][bar[:, 260:] > 0] = (90, 50, 30)
    scene = planted(picture)
    filling = scene.pieces.paint(scene.tree.filling(frame_of(bar.astype(np.float32))))
    beside = np.zeros_like(bar)
    cv2.circle(beside, (330, 140), 30, 1, -1)
    assert filling[bar > 0].mean() > 0.8 > 0.65 > filling[beside > 0].mean()
    assert filling.min() >= 0 and filling.max() <= 1
