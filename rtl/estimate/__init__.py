"""Area and clock of a core by open synthesis, place and route."""
