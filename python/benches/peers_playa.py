"""Playa as one more peer of the comparison of compositors: `PEERS_PLUGIN=python/benches/peers_playa.py peers.py ...`.

The names of `peers.py` are in scope when it runs this file. What a workload means is told there, at `reference`. The
colour chain is three effects, each from a plugin file of its own. Nothing is cached from run to run.
"""

import math

# Keys' cubic with a = -0.5, by its B and C.
CUBIC_BC["playa"] = (0, 0.5)  # noqa: F821: see above

FILTERS = {"bilinear": "bilinear", "cubic": "cubic", "lanczos": "lanczos3"}
MODES = {"over": "normal", "multiply": "multiply", "screen": "screen", "add": "add"}


def grade(layer, parameters):
    """The chain of `ref_grade` on a layer: gain, matrix, power, opacity."""
    gain, matrix, power, opacity = parameters
    red, green, blue = (tuple(float(value) for value in row) for row in matrix)
    layer.add_effect("Exposure", stops=math.log2(gain))
    layer.add_effect("ColorMatrix", red=red, green=green, blue=blue)
    layer.add_effect("Gamma", gamma=(1 / power,) * 3)
    layer.opacity = opacity


class Playa(Peer):  # noqa: F821
    workloads = ["over8", "gradeover", "blur", "xform", "typical"]

    def load(self, arrays):
        import playa_py as playa

        self.project = playa.Project()
        self.comp = self.project.add_comp("bench", width=self.W, height=self.H)
        for index, pixels in enumerate(arrays):
            getattr(self, self.wl)(index, pixels)

    def over8(self, index, pixels):
        self.comp.add_layer(pixels)

    def gradeover(self, index, pixels):
        import numpy as np

        grade(self.comp.add_layer(pixels), grade_params(np, index))  # noqa: F821

    def blur(self, index, pixels):
        # The radius is twice the standard deviation.
        self.comp.add_layer(pixels).add_effect("GaussianBlur", radius=2 * float(self.var))

    def xform(self, index, pixels):
        self.turned(self.comp, pixels, XF_ROT, XF_SCALE, FILTERS[self.var])  # noqa: F821

    def typical(self, index, pixels):
        import numpy as np

        kind, turn, mode = W5[index]  # noqa: F821
        if kind == "warp":
            # Effects come before a layer's own turn, so it is turned in a comp of its own.
            inner = self.project.add_comp(f"warp {index}", width=self.W, height=self.H)
            self.turned(inner, pixels, *turn, "bilinear")
            layer = self.comp.add_layer(inner)
        else:
            layer = self.comp.add_layer(pixels)
        if kind == "blur":
            layer.add_effect("GaussianBlur", radius=2 * W5_SIGMA)  # noqa: F821
        layer.blend_mode = MODES[mode]
        grade(layer, typ_grade(np, index))  # noqa: F821

    def turned(self, comp, pixels, rotation, scale, filter):
        comp.add_layer(pixels, rotation=(0, 0, rotation), scale=(scale, scale, 1), filter=filter)

    def run(self):
        # The memory of the last frame is for this one.
        self.frame = None
        self.frame = self.comp.render(0, cache=False)

    def export(self):
        return self.frame.to_numpy()


class PlayaExr(Exr):  # noqa: F821
    workloads = ["exr"]

    def setup(self):
        super().setup()
        import playa_py

        self.playa = playa_py

    def read(self):
        return self.playa.Frame.load(self.path).to_numpy()

    def write(self):
        self.playa.Frame.from_numpy(self.arr).save(self.dst, compression=self.c.lower(), dtype="half")


PEER_CLASSES = {"playa": Playa, "playa-exr": PlayaExr}
