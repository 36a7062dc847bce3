"""The area of a core, predicted from its plan, and the choice of engines, lanes and wire codes by predicted cycles and area."""
