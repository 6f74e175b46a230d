# The commands of the project; each installs the Debian packages it needs when they are missing.

SWIFT ?= swift
DEMO_SECONDS ?= 40

LIBRARIES := pkg-config libgpiod-dev libmosquitto-dev libsqlite3-dev libssl-dev libsystemd-dev libyaml-dev
BROKER := mosquitto mosquitto-clients
RELEASE := .build/release/reallabor-node
EXERCISER := .build/release/JournalExerciser
# One set of options for all that is built for release: with another one every module is compiled anew.
RELEASE_BUILD := $(SWIFT) build -c release --static-swift-stdlib --product
TEST_BUILD := $(SWIFT) build --build-tests --explicit-target-dependency-import-check error

.PHONY: help demo check test format messages release-check check-threads check-trixie accuracy arm64 kernel-test kernel-test-trixie release install uninstall check-service faults faults-journal faults-sending faults-hostile faults-rabbitmq bench bench-edges libraries clean check-formats

help:
	@echo "make demo         run the node on a simulated street, with a broker of its own"
	@echo "make check        before you commit: format, imports, documents, and the tests that start no program"
	@echo "make test         every test that needs no virtual machine; SUITES='Node|StoreForward' for some of it, SKIP='Radar' without some"
	@echo "make format       the Swift code as .swift-format says"
	@echo "make messages     the sentences for people to Translations, where translators find them"
	@echo "make check-threads what threads share, under the thread sanitizer, which must find a planted race"
	@echo "make check-trixie the same tests on Debian 13 with its own Swift, in a root made for it; needs root"
	@echo "make kernel-test  the node on a real kernel with simulated GPIO and I2C, in qemu; SCENARIOS= for some of it"
	@echo "make kernel-test-trixie  the same with Debian 13's kernel and libgpiod 2.x, as far as they matter; needs root"
	@echo "make accuracy     what the detectors make of simulated streets whose truth is known; SEEDS=20 FIRST=1001; STREET=hard CAUSES=all,-legs KINDS=beam_pair"
	@echo "make release      $(RELEASE), Swift runtime inside"
	@echo "make install      as a service of this machine, after make release; DESTDIR= for another. make uninstall"
	@echo "make check-formats  what leaves in another format than ours, read by somebody else's program"
	@echo "make check-service  what systemd thinks of the unit, and whether install and uninstall do what they should"
	@echo "make arm64        release binaries for Debian 13, amd64 and arm64, which must behave alike; needs root"
	@echo "make faults       kill and break it again and again, and count what is lost; KILLS=1000"
	@echo "make bench        size, memory and start with a peer beside, edges per second, allocations, the journal"
	@echo "make release-check  all that is too slow for every change, in hours; goes on where it was; ITEMS='faults threads' for some of it"
	@echo "make faults-hostile  brokers that send what would end the counting, if it were in one process; SHORT=1 SCENARIOS="
	@echo "make faults-sending  brokers, names, networks and nodes that fail under load; some of it needs root; SHORT=1 SCENARIOS="

libraries:
	@command -v $(SWIFT) >/dev/null || { \
		echo "There is no Swift toolchain: on Debian 13 'apt-get install swiftlang libstdc++-14-dev', elsewhere swift.org/install" >&2; exit 69; }
	@Deploy/install-packages.sh $(LIBRARIES)

demo: libraries
	@Deploy/install-packages.sh $(BROKER)
	$(SWIFT) build --product reallabor-node
	@Deploy/demo.sh .build/debug/reallabor-node $(DEMO_SECONDS)

# Eight minutes on two cores, from a clean clone.
check: libraries
	@Deploy/install-packages.sh python3
	@Deploy/check-format.sh
	@Deploy/check-imports.sh
	@Deploy/check-docs.py
	@Deploy/messages.py --check
	$(TEST_BUILD)
	@SWIFT='$(SWIFT)' TIER=check SUITES='$(SUITES)' SKIP='$(SKIP)' Tests/run.sh

# TIER=system: only the tests that check leaves out.
test: libraries
	@Deploy/install-packages.sh $(BROKER) python3 sigrok-cli
	$(TEST_BUILD)
	@Deploy/check-imports.sh
	@SWIFT='$(SWIFT)' TIER='$(TIER)' SUITES='$(SUITES)' SKIP='$(SKIP)' Tests/run.sh

# What leaves in a format that is not ours, read by an implementation that is not ours; from PyPI.
check-formats: release
	@Deploy/install-packages.sh $(BROKER) python3 python3-venv
	@[ -x .build/formats/bin/python ] || python3 -m venv .build/formats
	@.build/formats/bin/pip install --quiet --disable-pip-version-check 'senml==0.1.0' 'attrs'
	@.build/formats/bin/python Tests/Formats/check.py $(RELEASE)

format:
	@Deploy/check-format.sh --write

# The templates of sentences for people, to Translations; with gettext, which checks them.
messages:
	@Deploy/install-packages.sh python3 gettext
	@Deploy/messages.py

# Hours; each item by itself, its result kept until the code changes.
release-check: libraries
	@Tests/release-check.sh $(ITEMS)

check-threads: libraries
	@Deploy/install-packages.sh $(BROKER) gcc libc6-dev
	@Tests/Threads/check.sh

# Tuned on seeds 1 to 20; others tell what that is worth. STREET=hard and STREET=independent: docs/street.md says which seeds are for what.
accuracy: libraries
	$(RELEASE_BUILD) StreetAccuracy
	@.build/release/StreetAccuracy $(or $(SEEDS),20) $(or $(FIRST),$(if $(STREET),1,1001)) $(if $(STREET),$(STREET) '$(CAUSES)' '$(KINDS)')

check-trixie:
	@Deploy/trixie/check.sh

arm64:
	@Deploy/trixie/arm64.sh $(filter %-dev,$(LIBRARIES))

release: libraries
	$(RELEASE_BUILD) reallabor-node

kernel-test: release
	@Deploy/install-packages.sh -f Tests/Kernel/packages.txt
	$(RELEASE_BUILD) JournalExerciser
	NODE_BINARY=$(CURDIR)/$(RELEASE) JOURNAL_EXERCISER=$(CURDIR)/$(EXERCISER) Tests/Kernel/run.sh $(SCENARIOS)

# Only what uAPI v2 does otherwise: numbered edges, 1024 kept, the kernel's own filter, and the service on its own system.
kernel-test-trixie:
	@MAKE_TARGET=kernel-test-trixie Deploy/trixie/root.sh
	@Deploy/trixie/enter.sh make kernel-test SCENARIOS="$(or $(SCENARIOS),counting rapid burst)"

# As root: what is built is not its business.
install:
	@Deploy/install-packages.sh binutils
	@Deploy/install.sh $(RELEASE)

uninstall:
	@Deploy/install.sh --uninstall

check-service: release
	@Deploy/install-packages.sh binutils systemd
	@Deploy/check-service.sh $(RELEASE)

# Each script says what it did and ends with 1 when something was lost.
faults: faults-journal faults-sending faults-hostile

faults-journal: libraries
	@Deploy/install-packages.sh python3
	$(RELEASE_BUILD) JournalExerciser
	@Tests/Faults/journal.sh $(EXERCISER) $(or $(KILLS),1000)

faults-sending: release
	@Deploy/install-packages.sh $(BROKER) python3 iproute2 nftables
	$(RELEASE_BUILD) DeliveryExerciser
	@Tests/Faults/sending.py .build/release/DeliveryExerciser $(RELEASE) $(if $(SHORT),--short) $(SCENARIOS)

# Brokers that mean ill, against the running node: nothing they send may end the counting.
faults-hostile: release
	@Deploy/install-packages.sh $(BROKER) python3 gcc libc6-dev
	@Tests/Faults/hostile.py $(RELEASE) $(if $(SHORT),--short) $(SCENARIOS)

# RabbitMQ speaks MQTT by a plugin: another broker with other habits. In release-check, on Debian 13.
faults-rabbitmq: release
	@Deploy/install-packages.sh rabbitmq-server mosquitto-clients python3
	@Tests/Faults/rabbitmq.py $(RELEASE)

bench: release bench-edges
	@Deploy/install-packages.sh $(BROKER) python3 python3-venv binutils gcc libc6-dev
	@python3 Tests/Bench/footprint.py $(RELEASE)
	$(RELEASE_BUILD) DeliveryExerciser
	@Tests/Bench/delivery.py .build/release/DeliveryExerciser $(RELEASE)
	$(RELEASE_BUILD) PipelineBench
	@.build/release/PipelineBench
	@python3 Tests/PipelineBench/gpiozero_chain.py
	@Tests/PipelineBench/allocations.sh .build/release/PipelineBench
	$(RELEASE_BUILD) ClimateBench
	@.build/release/ClimateBench
	@Tests/PipelineBench/allocations.sh .build/release/ClimateBench
	$(RELEASE_BUILD) JournalExerciser
	@.build/release/JournalExerciser bench .build 1000000

# What counting costs, how late it counts, and how fast a day of edges replays: part of bench.
bench-edges: release
	@Deploy/install-packages.sh python3
	$(RELEASE_BUILD) EdgeBench
	@.build/release/EdgeBench
	@python3 Tests/EdgeBench/replay.py $(RELEASE) .build/release/EdgeBench

clean:
	rm -rf --one-file-system .build .kernel-lab .trixie
