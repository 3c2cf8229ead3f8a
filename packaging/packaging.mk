# Installing and packaging; included by the Makefile.

bindir      ?= $(PREFIX)/bin
datadir     ?= $(PREFIX)/share
mandir      ?= $(datadir)/man
docdir      ?= $(datadir)/doc/flowverify
bashcompdir ?= $(datadir)/bash-completion/completions
zshcompdir  ?= $(datadir)/zsh/vendor-completions
# Where the programs look by themselves; elsewhere the unit says so.
sysconfdir  ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)
unitdir     ?= $(PREFIX)/lib/systemd/system
INSTALL     ?= install

# Man pages and completions are printed by a program that links the tables of
# flags, commands and keys, so that they cannot drift.
manual_sources := $(sort $(wildcard packaging/man/*.c))
manual_program := $(out)/packaging/man/manual
manual_pages   := flowverify_exporter.8 flowverify.1 flowverify.cfg.5
completions    := flowverify.bash flowverify_exporter.bash _flowverify \
                  _flowverify_exporter
manual_files   := $(addprefix build/man/,$(manual_pages)) \
                  $(addprefix build/completion/,$(completions))

$(manual_program): $(call objects,$(manual_sources)) \
  $(filter-out %/main.o,$(call objects,$(tool_sources))) $(libraries)
	$(q)$(link) $(filter %.o %.a,$^) $(package_libs)

$(manual_files): $(manual_program)
	$(q)mkdir -p $(@D)
	$(q)$(manual_program) $(@F) > $@

man: $(manual_files) ## Make man pages and completions

unit_config := $(if $(filter-out /etc,$(sysconfdir)),; s|^ExecStart=[^ ]*|& --config.file=$(sysconfdir)/flowverify/flowverify.cfg|)
# What people edit stays as it is.
install_once = [ -e $(DESTDIR)$(2) ] || $(INSTALL) -D -m 644 $(1) $(DESTDIR)$(2)

install: all man ## Install everything (honours DESTDIR and PREFIX)
	$(INSTALL) -d $(DESTDIR)$(bindir)
	$(INSTALL) -m 755 $(programs) $(DESTDIR)$(bindir)
	for page in $(manual_pages); do \
	  $(INSTALL) -D -m 644 build/man/$$page \
	    $(DESTDIR)$(mandir)/man$${page##*.}/$$page || exit 1; \
	done
	for program in flowverify flowverify_exporter; do \
	  $(INSTALL) -D -m 644 build/completion/$$program.bash \
	    $(DESTDIR)$(bashcompdir)/$$program && \
	  $(INSTALL) -D -m 644 build/completion/_$$program \
	    $(DESTDIR)$(zshcompdir)/_$$program || exit 1; \
	done
	$(INSTALL) -d $(DESTDIR)$(unitdir)
	sed 's|/usr/bin/|$(bindir)/|; s|=-/etc/|=-$(sysconfdir)/|$(unit_config)' \
	  packaging/systemd/flowverify_exporter.service \
	  > $(DESTDIR)$(unitdir)/flowverify_exporter.service
	chmod 644 $(DESTDIR)$(unitdir)/flowverify_exporter.service
	$(INSTALL) -m 644 packaging/systemd/flowverify_exporter.socket \
	  $(DESTDIR)$(unitdir)
	$(call install_once,packaging/systemd/flowverify_exporter.default,$(sysconfdir)/default/flowverify_exporter)
	$(call install_once,config/flowverify.cfg,$(sysconfdir)/flowverify/flowverify.cfg)
	$(INSTALL) -d $(DESTDIR)$(docdir)
	$(INSTALL) -m 644 README.md CHANGELOG.md SECURITY.md $(DESTDIR)$(docdir)
	$(INSTALL) -m 644 packaging/README.md $(DESTDIR)$(docdir)/OPERATIONS.md
	for tree in config/example dashboards; do \
	  find $$tree -type f ! -path '*/tests/*' ! -name '*.sh' | sort \
	  | while read -r file; do \
	    $(INSTALL) -D -m 644 $$file \
	      $(DESTDIR)$(datadir)/flowverify/$${file#config/} || exit 1; \
	  done || exit 1; \
	done

uninstall: ## Remove what "make install" put there, but for configuration
	rm -f $(addprefix $(DESTDIR)$(bindir)/,flowverify flowverify_exporter)
	rm -f $(addprefix $(DESTDIR)$(unitdir)/flowverify_exporter.,service socket)
	rm -f $(foreach page,$(manual_pages),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(page)))/$(page))
	rm -f $(addprefix $(DESTDIR)$(bashcompdir)/,flowverify flowverify_exporter)
	rm -f $(addprefix $(DESTDIR)$(zshcompdir)/,_flowverify _flowverify_exporter)
	rm -rf $(DESTDIR)$(docdir) $(DESTDIR)$(datadir)/flowverify

deb: ## Build the Debian package into build/release/
	$(q)sh packaging/debian/build.sh
rpm: ## Build the rpm into build/release/
	$(q)sh packaging/rpm/build.sh
image: all ## Build the container image (buildah) into build/release/
	$(q)sh packaging/container/build.sh
chart: ## Package the Helm chart into build/release/
	$(q)sh packaging/helm/build.sh
release: ## Build every artefact reproducibly and print the digests
	$(q)sh packaging/release.sh

.PHONY: man deb rpm image chart release
