using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Compilation;

/// <summary>What the files of a compiled model are called.</summary>
internal sealed record OutputNames(string Name)
{
    public string Model => Name + ".onnx";

    /// <summary>How the names of the model's external data begin.</summary>
    public string DataPrefix => Model + ".";

    /// <summary>What execution providers compiled; named like external data, and treated as that by the build of a project.</summary>
    public string Compiled => Model + ArtefactArchive.Suffix;

    public string Manifest => Name + ".model.json";

    public string ReportJson => Name + ".report.json";

    public string ReportHtml => Name + ".report.html";

    public string Provenance => Name + ".provenance.json";

    /// <summary>All but the external data, in the order in which they are published: the manifest vouches for the others and comes last.</summary>
    public IReadOnlyList<string> All => [Model, ReportJson, ReportHtml, Provenance, Manifest];
}
