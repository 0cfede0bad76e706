/// The drawing as one HTML page that needs nothing beside itself: no network, no fonts, no files.
///
/// A graph of thousands of nodes is no picture that anybody can read. The page shows the kinds with their counts, a
/// list to search, and of one node at a time what feeds it and what it feeds. Its state is in the address behind `#`:
/// `node=NAME`, `search=WORDS`, `kind=KIND,...`, `outcome=OUTCOME,...`, `scope=feeds|fed`.
///
/// Names reach the page as data alone: as JSON that cannot end its element, from there as text nodes.
enum GraphPage {
  static func html(data: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
    <link rel="icon" href="data:,">
    <title>bpfgen graph</title>
    <style>
    \(style)</style>
    </head>
    \(body)<script type="application/json" id="data">\(data)</script>
    <script>
    (() => {
    \(modelScript)
    \(listScript)
    \(drawingScript)
    \(nodeScript)
    \(overviewScript)
    \(stateScript)})();
    </script>
    </html>

    """
  }

  private static let body = """
    <body>
    <header>
      <h1><button type="button" id="home" title="The whole graph (Escape)">bpfgen graph</button></h1>
      <bdi id="title"></bdi>
      <p id="lastbuild"></p>
    </header>
    <section id="find" aria-label="Find">
      <div class="field">
        <input id="search" type="search" role="combobox" aria-expanded="true" aria-controls="list"
          aria-label="Search names and paths" placeholder="Search names and paths"
          autocomplete="off" autocapitalize="off" spellcheck="false">
        <kbd>/</kbd>
      </div>
      <div id="scopes" class="chips" role="group" aria-label="Connected nodes" hidden></div>
      <div id="kinds" class="chips" role="group" aria-label="Kinds"></div>
      <div id="outcomes" class="chips" role="group" aria-label="Outcomes of the last build"></div>
      <p id="matches" role="status"></p>
      <div id="viewport" tabindex="-1"><div id="list" role="listbox" aria-label="Nodes"></div></div>
    </section>
    <main id="main" tabindex="-1"></main>
    </body>

    """
}
