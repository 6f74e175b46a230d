import ArgumentParser
import SensorCore

/// Of whoever reads what a command says.
let readersLanguage = Language.english

/// A line on standard output.
func say(_ sentence: Sentence) { writeStandardOutput(sentence.text(in: readersLanguage) + "\n") }

/// A line on standard error, beside what a program may read from standard output.
func remark(_ sentence: Sentence) { writeStandardError(sentence.text(in: readersLanguage) + "\n") }

extension ValidationError {
    /// What is wrong on the command line; ArgumentParser says the usage behind it.
    init(saying sentence: Sentence) { self.init(sentence.text(in: readersLanguage)) }
}

/// A question on standard error, with the answer to be written behind it.
func ask(_ question: Sentence) { writeStandardError(question.text(in: readersLanguage)) }

extension [Sentence] {
    /// A line for each.
    var lines: String { map { $0.text(in: readersLanguage) + "\n" }.joined() }
}
