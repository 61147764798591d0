"""THE WORLD: one module or folder a neighbour; each keeps a promise of `ports`."""
