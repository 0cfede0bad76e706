import Testing

@testable import BPF
@testable import BTF
@testable import Emit

/// A layout id is the hash of what `ExportedLayout.encode` writes: a stored property that it does not write is a fact that
/// a header shows and that no build notices.
@Suite("The encoding of a layout")
struct LayoutEncodingTests {
  /// A layout that fills every property, with each case of each enum.
  private static let full = ExportedLayout.layout("full") { layout in
    layout.maps = [.map("map", .user, as: identifier)]
    layout.programs = [.program("program", as: identifier)]
    layout.sections = [
      .init(
        name: ".data", identifier: identifier,
        variables: [
          .variable(
            "variable", as: identifier, declaration, at: 1, bytes: 2, element: 3, padding: 4, isPacked: true,
            isWeak: true)
        ], isTyped: false)
    ]
    layout.structOps = [
      .init(
        identifier: identifier, typeName: "ops",
        members: [
          .init(identifier: identifier, content: .scalar(declaration)),
          .init(identifier: identifier, content: .bitfield(declaration, bits: 1)),
          .init(identifier: identifier, content: .program), .init(identifier: identifier, content: .opaque(bytes: 1)),
          .init(identifier: identifier, content: .padding(bits: 1)),
        ])
    ]
    layout.neededTypes = [.init(keyword: .structure, name: "type", complete: true, largestAlignment: 8)]
    layout.userTypes = [
      .init(
        spelling: "struct type", sizeBytes: 1, members: [.init(name: "member", offsetBytes: 1, sizeBytes: 2)])
    ]
    layout.loader = .init(
      programs: [
        .init(isLoaded: true, attachment: .manual), .init(isLoaded: true, attachment: .rawTracepoint("a")),
        .init(isLoaded: true, attachment: .tracing), .init(isLoaded: true, attachment: .iterator),
      ], sections: [.init(isMapped: true, isReadOnly: true)])
  }

  /// `class` in C and `class_` in C++: the one can change without the other.
  private static let identifier = CIdentifier("class")
  private static let declaration = CDeclaration(before: "a", after: "b", needsTypeof: true)

  // MARK: The edits of each type, one for each stored property

  private static var layoutEdits: [Edit<ExportedLayout>] {
    let edits: [[Edit<ExportedLayout>]] = [
      [.set(\.name, "other")], mapEdits.map { $0.at(\.maps[0]) }, programEdits.map { $0.at(\.programs[0]) },
      sectionEdits.map { $0.at(\.sections[0]) }, shadowEdits.map { $0.at(\.structOps[0]) },
      neededTypeEdits.map { $0.at(\.neededTypes[0]) }, userTypeEdits.map { $0.at(\.userTypes[0]) },
      [.set(\.loader, nil)], loaderEdits.map { $0.at(\.loader!) },
    ]
    return edits.flatMap(\.self)
  }

  private static var mapEdits: [Edit<ExportedLayout.Map>] {
    [.set(\.name, "other"), .set(\.kind, .arena)] + identifierEdits.map { $0.at(\.identifier) }
  }

  private static var programEdits: [Edit<ExportedLayout.Program>] {
    [.set(\.name, "other")] + identifierEdits.map { $0.at(\.identifier) }
  }

  private static var sectionEdits: [Edit<ExportedLayout.DataSection>] {
    [.set(\.name, ".other"), .set(\.isTyped, true)] + identifierEdits.map { $0.at(\.identifier) }
      + variableEdits.map { $0.at(\.variables[0]) }
  }

  private static var variableEdits: [Edit<ExportedLayout.Variable>] {
    [
      .set(\.name, "other"), .set(\.offsetBytes, 9), .set(\.sizeBytes, 9), .set(\.elementBytes, 9),
      .set(\.paddingBytes, 9), .set(\.isPacked, false), .set(\.isWeak, false),
    ] + identifierEdits.map { $0.at(\.identifier) } + declarationEdits.map { $0.at(\.declaration) }
  }

  private static var shadowEdits: [Edit<ExportedLayout.ShadowType>] {
    [.set(\.typeName, "other")] + identifierEdits.map { $0.at(\.identifier) }
      + (0..<5).flatMap { index in identifierEdits.map { $0.at(\.members[index].identifier) } }
      + contentEdits.enumerated().flatMap { index, edits in edits.map { $0.at(\.members[index].content) } }
  }

  /// Of each case in turn.
  private static var contentEdits: [[Edit<ExportedLayout.ShadowType.Member.Content>]] {
    [
      [.set(.bitfield(declaration, bits: 0))] + declarationEdits.map { .set(.scalar($0.applied(to: declaration))) },
      [.set(.scalar(declaration)), .set(.bitfield(declaration, bits: 9))]
        + declarationEdits.map { .set(.bitfield($0.applied(to: declaration), bits: 1)) },
      [.set(.padding(bits: 0))], [.set(.padding(bits: 1)), .set(.opaque(bytes: 9))],
      [.set(.opaque(bytes: 1)), .set(.padding(bits: 9))],
    ]
  }

  private static var neededTypeEdits: [Edit<NamedType>] {
    func edit(_ keyword: NamedType.Keyword, _ name: String, _ complete: Bool, _ alignment: UInt32?) -> Edit<NamedType> {
      .set(NamedType(keyword: keyword, name: name, complete: complete, largestAlignment: alignment))
    }
    return [
      edit(.union, "type", true, 8), edit(.structure, "other", true, 8), edit(.structure, "type", false, 8),
      edit(.structure, "type", true, 9), edit(.structure, "type", true, nil),
    ]
  }

  private static var userTypeEdits: [Edit<ExportedLayout.UserType>] {
    let members: [Edit<ExportedLayout.UserType.Member>] = [
      .set(\.name, "other"), .set(\.offsetBytes, 9), .set(\.sizeBytes, 9),
    ]
    return [.set(\.spelling, "other"), .set(\.sizeBytes, 9)] + members.map { $0.at(\.members[0]) }
  }

  private static var loaderEdits: [Edit<ExportedLayout.Loader>] {
    let cases: [Edit<ExportedLayout.Loader>] = [
      .set(\.programs[0].attachment, .tracing), .set(\.programs[1].attachment, .manual),
      .set(\.programs[1].attachment, .rawTracepoint("b")), .set(\.programs[2].attachment, .iterator),
      .set(\.programs[3].attachment, .manual),
    ]
    return cases + (0..<4).map { .set(\.programs[$0].isLoaded, false) }
      + [.set(\.sections[0].isMapped, false), .set(\.sections[0].isReadOnly, false)]
  }

  private static var identifierEdits: [Edit<CIdentifier>] {
    // Only the name in C, then only that in C++.
    [.set(CIdentifier("class_")), .set([CIdentifier].claimed("class_", "class")[1])]
  }

  private static var declarationEdits: [Edit<CDeclaration>] {
    [
      .set(CDeclaration(before: "other", after: "b", needsTypeof: true)),
      .set(CDeclaration(before: "a", after: "other", needsTypeof: true)),
      .set(CDeclaration(before: "a", after: "b", needsTypeof: false)),
    ]
  }

  // MARK: What is expected of them

  /// The kinds of header that show a property.
  private static func kinds(showing property: String) -> Set<HeaderOptions.Kind> {
    switch property {
    case "sections.isTyped", "sections.variables.elementBytes", "sections.variables.isWeak": [.subskeleton]
    case "sections.variables.offsetBytes", "sections.variables.paddingBytes", "sections.variables.isPacked",
      "neededTypes.largestAlignment", "neededTypes.largestAlignment.case":
      [.selfContained, .split, .light, .lightSplit]
    case _ where property.hasPrefix("loader"): [.light, .lightSplit]
    default: Set(HeaderOptions.Kind.every)
    }
  }

  @Test("includes every stored property, and each header's id depends on those that the header shows")
  func everyLeaf() throws {
    let leaves = StoredLeaf.all(of: Self.full)
    var edited: Set<String> = []
    for edit in Self.layoutEdits {
      let changed = edit.applied(to: Self.full)
      let leaf = try #require(Self.changedLeaf(StoredLeaf.all(of: changed), from: leaves), "an edit of no leaf or two")
      edited.insert(leaf.path)
      for kind in HeaderOptions.Kind.every {
        let options = HeaderOptions(kind: kind)
        let isNoticed = Self.full.id(for: options) != changed.id(for: options)
        #expect(isNoticed == Self.kinds(showing: leaf.property).contains(kind), "\(leaf.path), \(kind)")
      }
    }
    let missing = leaves.map(\.path).filter { !edited.contains($0) }
    #expect(missing.isEmpty, "stored properties that no edit changes: encode them, and add an edit here")
  }

  /// The one leaf that an edit changed. Another case of an enum has other leaves below it: the case is what changed.
  private static func changedLeaf(_ new: [StoredLeaf], from old: [StoredLeaf]) -> StoredLeaf? {
    let paths = Set(Set(new).symmetricDifference(old).map(\.path))
    let top = paths.count == 1 ? paths.first : paths.filter { $0.hasSuffix(".case") }.min { $0.count < $1.count }
    guard let top, let leaf = old.first(where: { $0.path == top }) else { return nil }
    let owner = top.hasSuffix(".case") ? String(top.dropLast(".case".count)) : top
    return paths.allSatisfy { $0.hasPrefix(owner) } ? leaf : nil
  }

  @Test("distinguishes lists of different lengths")
  func lists() {
    let edits: [(what: String, edit: (inout ExportedLayout) -> Void)] = [
      ("maps", { $0.maps += $0.maps }), ("programs", { $0.programs += $0.programs }),
      ("sections", { $0.sections += $0.sections }),
      ("variables", { $0.sections[0].variables += [$0.sections[0].variables[0]] }),
      ("struct_ops", { $0.structOps += $0.structOps }),
      ("members of struct_ops", { $0.structOps[0].members += $0.structOps[0].members }),
      ("needed types", { $0.neededTypes += $0.neededTypes }), ("user types", { $0.userTypes += $0.userTypes }),
      ("members of user types", { $0.userTypes[0].members += $0.userTypes[0].members }),
      ("the loader's programs", { $0.loader!.programs += $0.loader!.programs }),
      ("the loader's sections", { $0.loader!.sections += $0.loader!.sections }),
    ]
    let options = HeaderOptions(kind: .light)
    for (what, edit) in edits {
      var longer = Self.full
      edit(&longer)
      #expect(longer.id(for: options) != Self.full.id(for: options), "\(what)")
    }
  }

  @Test("distinguishes the cases of an enum")
  func cases() {
    let contents: [ExportedLayout.ShadowType.Member.Content] = [
      .scalar(Self.declaration), .bitfield(Self.declaration, bits: 1), .program, .opaque(bytes: 1), .padding(bits: 1),
    ]
    let attachments: [ExportedLayout.Loader.Attachment] = [.manual, .rawTracepoint(""), .tracing, .iterator]
    let options = HeaderOptions(kind: .light)
    let ids =
      contents.map {
        Edit<ExportedLayout>.set(\.structOps[0].members[0].content, $0).applied(to: Self.full).id(for: options)
      }
      + attachments.map {
        Edit<ExportedLayout>.set(\.loader!.programs[0].attachment, $0).applied(to: Self.full).id(for: options)
      }
    // The first of each is what the layout has.
    #expect(Set(ids).count == ids.count - 1)
  }
}

/// One change of a value.
private struct Edit<Root> {
  let apply: (inout Root) -> Void

  static func set<Value>(_ path: WritableKeyPath<Root, Value>, _ value: Value) -> Edit {
    Edit { $0[keyPath: path] = value }
  }

  /// Another value instead of the whole.
  static func set(_ value: Root) -> Edit { Edit { $0 = value } }

  /// The edit of a part of another value.
  func at<Outer>(_ path: WritableKeyPath<Outer, Root>) -> Edit<Outer> {
    Edit<Outer> { [apply] in apply(&$0[keyPath: path]) }
  }

  func applied(to value: Root) -> Root {
    var value = value
    apply(&value)
    return value
  }
}
