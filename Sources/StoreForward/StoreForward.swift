import SensorCore
