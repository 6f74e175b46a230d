/// The version of the program and of everything it says about itself.
package enum ProgramVersion {
    package static let text = "0.1.0"
}
