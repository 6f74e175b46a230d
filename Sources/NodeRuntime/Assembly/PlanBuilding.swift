package import Calibration
import ClimateDrivers
package import LinuxHardware
package import NodeConfiguration
import PulsePipeline
import SensorCore

extension NodePlan {
    /// What a checked configuration asks for. Throws only what the configuration cannot know: a correction that makes
    /// no sense as a calibration record.
    package init(_ configuration: NodeConfiguration) throws(CalibrationRecordError) {
        node = configuration.node
        site = configuration.site.map {
            SiteDescription(
                name: $0.name, latitude: $0.position?.latitude, longitude: $0.position?.longitude, heightMetres: $0.heightMetres)
        }
        interval = configuration.interval
        sums = configuration.sums
        commitInterval = configuration.journal.commitInterval
        inputs = configuration.channels
        buses = []
        for sensor in configuration.sensors {
            let plan = try SensorPlan(sensor, height: configuration.site?.heightMetres)
            if let index = buses.firstIndex(where: { $0.name == sensor.bus.name }) {
                buses[index].sensors.append(plan)
            } else {
                buses.append(BusPlan(name: sensor.bus.name, device: sensor.bus.device, pins: sensor.bus.pins, sensors: [plan]))
            }
        }
    }
}

extension SensorPlan {
    fileprivate init(_ sensor: SensorConfiguration, height: Double?) throws(CalibrationRecordError) {
        name = sensor.name
        part = sensor.part.name
        address = sensor.address
        multiplexer = sensor.multiplexer
        options = sensor.options
        derived = DerivedQuantities(sensor.derived, height: height)
        pressureFrom = sensor.pressureFrom
        humidityFrom = sensor.humidityFrom
        period = sensor.period
        corrections = []
        for correction in sensor.corrections {
            corrections.append(
                try CalibrationRecord(
                    id: "\(sensor.name)-\(correction.quantity.rawValue)-\(correction.date)",
                    quantity: correction.quantity,
                    correction: LinearCorrection(offset: correction.offset, gain: correction.gain),
                    reference: correction.reference, performedOn: correction.date))
        }
    }
}

extension GPIOChannelRequest {
    package init(_ channel: ChannelConfiguration) {
        let period: TimeSpan? = if case .kernel(let period) = channel.settings.filter.kind { period } else { nil }
        self.init(
            name: channel.name,
            inputs: channel.inputs.map {
                GPIOInput(
                    lineOffset: $0.lineOffset, bias: $0.bias, isActiveLow: $0.isActiveLow,
                    kernelDebounce: period)
            })
    }
}
