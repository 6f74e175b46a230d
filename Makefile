# The commands of the project; each installs the Debian packages it needs when they are missing.

SWIFT ?= swift
DEMO_SECONDS ?= 40

LIBRARIES := pkg-config libgpiod-dev libmosquitto-dev libsqlite3-dev libssl-dev libsystemd-dev libyaml-dev
BROKER := mosquitto mosquitto-clients
RELEASE := .build/release/reallabor-node
EXERCISER := .build/release/JournalExerciser

.PHONY: help demo test check-threads check-trixie accuracy arm64 kernel-test kernel-test-trixie release install uninstall check-service faults faults-journal faults-sending bench bench-edges libraries clean

help:
	@echo "make demo         run the node on a simulated street, with a broker of its own"
	@echo "make test         every test that needs no virtual machine; SUITES='Node|StoreForward' for some of it, SKIP='Radar' without some"
	@echo "make check-threads what threads share, under the thread sanitizer, which must find a planted race"
	@echo "make check-trixie the same tests on Debian 13 with its own Swift, in a root made for it; needs root"
	@echo "make kernel-test  the node on a real kernel with simulated GPIO and I2C, in qemu; SCENARIOS= for some of it"
	@echo "make kernel-test-trixie  the same with Debian 13's kernel and libgpiod 2.x, as far as they matter; needs root"
	@echo "make accuracy     what the detectors make of simulated streets whose truth is known; SEEDS=20 FIRST=1001"
	@echo "make release      $(RELEASE), Swift runtime inside"
	@echo "make install      as a service of this machine, after make release; DESTDIR= for another. make uninstall"
	@echo "make check-service  what systemd thinks of the unit, and whether install and uninstall do what they should"
	@echo "make arm64        release binaries for Debian 13, amd64 and arm64, which must behave alike; needs root"
	@echo "make faults       kill and break it again and again, and count what is lost; KILLS=1000"
	@echo "make bench        size, memory and start with a peer beside, edges per second, allocations, the journal"
	@echo "make faults-sending  brokers, names, networks and nodes that fail under load; some of it needs root; SHORT=1 SCENARIOS="

libraries:
	@command -v $(SWIFT) >/dev/null || { \
		echo "There is no Swift toolchain: on Debian 13 'apt-get install swiftlang libstdc++-14-dev', elsewhere swift.org/install" >&2; exit 69; }
	@Deploy/install-packages.sh $(LIBRARIES)

demo: libraries
	@Deploy/install-packages.sh $(BROKER)
	$(SWIFT) build --product reallabor-node
	@Deploy/demo.sh .build/debug/reallabor-node $(DEMO_SECONDS)

test: libraries
	@Deploy/install-packages.sh $(BROKER) python3 sigrok-cli
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	@Deploy/check-imports.sh
	$(SWIFT) test --skip-build $(if $(SUITES),--filter '^($(SUITES))Tests\.') $(if $(SKIP),--skip '$(SKIP)')

check-threads: libraries
	@Deploy/install-packages.sh $(BROKER) gcc libc6-dev
	@Tests/Threads/check.sh

# Tuned on seeds 1 to 20; others tell what that is worth.
accuracy: libraries
	$(SWIFT) build -c release --product StreetAccuracy
	@.build/release/StreetAccuracy $(or $(SEEDS),20) $(or $(FIRST),1001)

check-trixie:
	@Deploy/trixie/check.sh

arm64:
	@Deploy/trixie/arm64.sh $(filter %-dev,$(LIBRARIES))

release: libraries
	$(SWIFT) build -c release --static-swift-stdlib --product reallabor-node

kernel-test: release
	@Deploy/install-packages.sh -f Tests/Kernel/packages.txt
	$(SWIFT) build -c release --static-swift-stdlib --product JournalExerciser
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
faults: faults-journal faults-sending

faults-journal: libraries
	@Deploy/install-packages.sh python3
	$(SWIFT) build -c release --product JournalExerciser
	@Tests/Faults/journal.sh $(EXERCISER) $(or $(KILLS),1000)

faults-sending: release
	@Deploy/install-packages.sh $(BROKER) python3 iproute2 nftables
	$(SWIFT) build -c release --static-swift-stdlib --product DeliveryExerciser
	@Tests/Faults/sending.py .build/release/DeliveryExerciser $(RELEASE) $(if $(SHORT),--short) $(SCENARIOS)

bench: release bench-edges
	@Deploy/install-packages.sh $(BROKER) python3 python3-venv binutils gcc libc6-dev
	@python3 Tests/Bench/footprint.py $(RELEASE)
	$(SWIFT) build -c release --static-swift-stdlib --product DeliveryExerciser
	@Tests/Bench/delivery.py .build/release/DeliveryExerciser $(RELEASE)
	$(SWIFT) build -c release --product PipelineBench
	@.build/release/PipelineBench
	@python3 Tests/PipelineBench/gpiozero_chain.py
	@Tests/PipelineBench/allocations.sh .build/release/PipelineBench
	$(SWIFT) build -c release --product ClimateBench
	@.build/release/ClimateBench
	@Tests/PipelineBench/allocations.sh .build/release/ClimateBench
	$(SWIFT) build -c release --product JournalExerciser
	@.build/release/JournalExerciser bench .build 1000000

# What counting costs, how late it counts, and how fast a day of edges replays: part of bench.
bench-edges: release
	@Deploy/install-packages.sh python3
	$(SWIFT) build -c release --product EdgeBench
	@.build/release/EdgeBench
	@python3 Tests/EdgeBench/replay.py $(RELEASE) .build/release/EdgeBench

clean:
	rm -rf --one-file-system .build .kernel-lab .trixie
