/// The repository, from this file's own place in it.
package let repository = String(#filePath.dropLast("Tests/Support/ExampleConfiguration.swift".count))

/// A node with a channel of either polarity and a filter each, two sensors on one bus, and a broker on loopback.
package func configurationText(interval: String = "60s", port: UInt16 = 1, mqtt: String = "") -> String {
    """
    node: test-node
    board: raspberry-pi-4
    interval: \(interval)
    channels:
      - name: gate
        detector: contact
        input: {pin: J8-11, bias: pull-up, active: low}
        debounce: {kind: stable, time: 8ms}
      - name: path
        detector: contact
        input: {pin: J8-13, bias: pull-down, active: high}
        debounce: {kind: stable, rise: 8ms, fall: 12ms}
    sensors:
      - name: box-air
        part: bme280
        bus: i2c-1
        address: 0x76
      - name: street-air
        part: sht40
        bus: i2c-1
        corrections:
          - {quantity: temperature, offset: -0.3, gain: 1.01, reference: Testo 625, date: 2026-05-01}
    journal: {path: journal.sqlite, budget: 64MB}
    mqtt:
      host: 127.0.0.1
      port: \(port)
      topic: reallabor/test
      \(mqtt)

    """
}
