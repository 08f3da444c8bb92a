"""Never run, only checked, by `make typing`: what type checkers must see of holdall, as its users do."""
