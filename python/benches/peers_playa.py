"""Playa as one more peer of the comparison of compositors: `PEERS_PLUGIN=python/benches/peers_playa.py peers.py ...`.

The names of `peers.py` are in scope when it runs this file. What a workload means is told there, at `reference`.
"""


class Playa(Peer):  # noqa: F821: see above
    workloads = ["over8", "blur", "xform"]

    def load(self, arrays):
        import playa_py as playa

        project = playa.Project()
        self.comp = project.add_comp("bench", width=self.W, height=self.H)
        for pixels in arrays:
            layer = self.comp.add_layer(pixels)
            if self.wl == "blur":
                # The radius is twice the standard deviation.
                layer.add_effect("GaussianBlur", radius=2 * float(self.var))
            elif self.wl == "xform":
                if self.var != "bilinear":
                    raise NotImplementedError(self.var)
                layer.attrs.update(rotation=(0, 0, XF_ROT), scale=(XF_SCALE, XF_SCALE, 1))  # noqa: F821

    def run(self):
        self.frame = self.comp.render(0)

    def export(self):
        return self.frame.to_numpy()


PEER_CLASSES = {"playa": Playa}
