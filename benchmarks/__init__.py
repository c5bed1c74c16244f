"""One model, four ways to write it: what the modelling layer costs beside the solver."""
