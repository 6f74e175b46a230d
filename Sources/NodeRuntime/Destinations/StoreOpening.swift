package import NodeConfiguration
import SensorCore
import StoreForward

extension JournalPlace {
    package init(_ journal: JournalConfiguration) { self.init(path: journal.path, budgetBytes: journal.budgetBytes) }
}
