# Installing and packaging; included by the Makefile.

bindir  ?= $(PREFIX)/bin
datadir ?= $(PREFIX)/share/flowverify

install: all ## Install the programs (honours DESTDIR and PREFIX)
	install -d $(DESTDIR)$(bindir)
	install -m 755 $(programs) $(DESTDIR)$(bindir)
