VENV := .venv
PY := $(VENV)/bin/python

.PHONY: test typing clean

$(PY):
	python3 -m venv $(VENV)
	$(PY) -m pip install -q --upgrade "pip>=25.1"
	$(PY) -m pip install -q -e . --group dev

test: $(PY)
	$(PY) -m mypy
	$(PY) -m pytest

typing: $(PY)
	$(PY) -m mypy
	$(VENV)/bin/pyright

clean:
	rm -rf $(VENV)
