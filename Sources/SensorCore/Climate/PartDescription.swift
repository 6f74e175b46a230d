/// What the rest of the node needs to know about a climate part without knowing its driver.
public struct PartDescription: Hashable, Sendable {
    /// As the configuration names it: "bme280".
    public var name: String
    /// The addresses the part can have, the usual one first.
    public var addresses: [I2CAddress]
    /// What it measures, in the order it is published.
    public var quantities: [Quantity]
    /// One per quantity, in that order.
    public var specifications: [QuantitySpecification]
    /// What a sensor of this part may have in its configuration beyond what all have.
    public var options: [PartOption]
    public var timing: PartTiming

    public init(
        name: String, addresses: [I2CAddress], specifications: [QuantitySpecification], options: [PartOption] = [],
        timing: PartTiming = PartTiming()
    ) {
        self.name = name
        self.addresses = addresses
        quantities = specifications.map(\.quantity)
        self.specifications = specifications
        self.options = options
        self.timing = timing
    }

    /// A part of which nothing but its quantities matters.
    public init(name: String, addresses: [I2CAddress], quantities: [Quantity]) {
        self.init(
            name: name, addresses: addresses,
            specifications: quantities.map {
                QuantitySpecification($0, in: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude, accuracy: "", source: "")
            })
    }
}

/// What a part's datasheet promises of one quantity, in the quantity's unit.
public struct QuantitySpecification: Hashable, Sendable {
    public var quantity: Quantity
    /// What the part can measure; readings beyond it are withheld. A quantity with `bounds` may be beyond those by what its
    /// formula spans, and is then published at the bound.
    public var range: ClosedRange<Double>
    /// For people: "±0.2 Cel (0 to 65 Cel)".
    public var accuracy: String
    /// Document and section: "BST-BME280-DS002 §1.1".
    public var source: String
    /// What the part or its formula compensates this quantity with: it is withheld with any of them.
    public var dependsOn: [Quantity]
    /// The option that has to be on for it to be measured; nil for one that always is.
    public var onlyWith: String?

    public init(
        _ quantity: Quantity, in range: ClosedRange<Double>, accuracy: String, source: String, dependsOn: [Quantity] = [],
        onlyWith: String? = nil
    ) {
        self.quantity = quantity
        self.dependsOn = dependsOn
        self.onlyWith = onlyWith
        self.range = range
        self.accuracy = accuracy
        self.source = source
    }
}

/// How long a part takes.
public struct PartTiming: Hashable, Sendable {
    /// A reading that is not complete by then has failed.
    public var deadline: TimeSpan
    /// What a reading that has to start the part may take besides.
    public var startAllowance: TimeSpan
    /// No use in reading it more often.
    public var shortestPeriod: TimeSpan

    public init(
        deadline: TimeSpan = .milliseconds(500), startAllowance: TimeSpan = .milliseconds(500),
        shortestPeriod: TimeSpan = .seconds(1)
    ) {
        self.deadline = deadline
        self.startAllowance = startAllowance
        self.shortestPeriod = shortestPeriod
    }
}

/// A setting that only some parts have.
public struct PartOption: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
        /// `true` or `false`.
        case flag
        /// A time with its unit: `168h`.
        case time(ClosedRange<TimeSpan>)
        /// An electrical resistance in ohms, written with its unit: `100mOhm`.
        case resistance(ClosedRange<Double>)
        /// A decimal number; `unit` may stand behind it and is empty for a bare number.
        case number(ClosedRange<Double>, unit: String)
        /// One of some words.
        case choice([String])
    }

    public enum Value: Hashable, Sendable {
        case flag(Bool)
        case time(TimeSpan)
        /// Ohm.
        case resistance(Double)
        /// In the form's unit.
        case number(Double)
        case choice(String)
    }

    /// The key: "shunt".
    public var name: String
    public var form: Form
    /// What holds where the key is missing.
    public var usual: Value
    /// For people, one line.
    public var meaning: String

    /// - Parameter usual: a value of that form.
    public init(_ name: String, _ form: Form, usual: Value, meaning: String) {
        self.name = name
        self.form = form
        self.usual = usual
        self.meaning = meaning
    }

    /// Whether a value has this option's form and lies within it.
    public func accepts(_ value: Value) -> Bool {
        switch (form, value) {
        case (.flag, .flag): true
        case (.time(let range), .time(let value)): range.contains(value)
        case (.resistance(let range), .resistance(let value)): range.contains(value)
        case (.number(let range, _), .number(let value)): range.contains(value)
        case (.choice(let words), .choice(let value)): words.contains(value)
        default: false
        }
    }
}

/// What other sensors of the same box measured a short time ago, for parts that must know it.
public struct Surroundings: Hashable, Sendable {
    /// Pa, at the sensor's height; nil when nobody knows.
    public var pressure: Double?
    /// %RH; nil when nobody knows.
    public var humidity: Double?

    public init(pressure: Double? = nil, humidity: Double? = nil) {
        self.pressure = pressure
        self.humidity = humidity
    }
}
