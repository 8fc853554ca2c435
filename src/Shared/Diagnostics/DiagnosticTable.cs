namespace ModelCompiler.Diagnostics;

/// <summary>
/// Every diagnostic of the product, in one place. An id is never reused or changed in meaning. A text says what is wrong and what to do; the
/// place (file, node, item) is added where it is reported. {0}, {1}… are filled by the reporter.
/// </summary>
internal static class DiagnosticTable
{
    // OM1xxx: the model file.
    public static readonly DiagnosticDescriptor ModelNotFound = new("OM1001", "The model file '{0}' does not exist. Correct the Include of the OptimizedModel item.");
    public static readonly DiagnosticDescriptor ModelNotOnnx = new("OM1002", "The file is not an ONNX model: {0}. Export the model as .onnx, and check that a Git LFS pointer has been replaced by its file.");
    public static readonly DiagnosticDescriptor ModelTruncated = new("OM1003", "The model file ends in the middle of its data. Download or export it again.");
    public static readonly DiagnosticDescriptor ModelInvalid = new("OM1004", "The model is not valid ONNX: {0}.");
    public static readonly DiagnosticDescriptor ModelTooLarge = new("OM1005", "The model exceeds a limit that protects the build: {0}.");
    public static readonly DiagnosticDescriptor ExternalDataInvalid = new("OM1006", "The external data of tensor '{0}' cannot be read: {1}.");
    public static readonly DiagnosticDescriptor ModelRefusedByRuntime = new("OM1007", "ONNX Runtime does not accept the model as it was given: {0}. Check the export; the same model fails in every ONNX Runtime program.");

    public static readonly DiagnosticDescriptor ManifestInvalid = new("OM1101", "The manifest '{0}' cannot be read: {1}. Delete it and build again; it is made from the model.");
    public static readonly DiagnosticDescriptor SignatureNotSupported = new("OM1102", "No predictor can be generated for the model '{0}': {1}.");
    public static readonly DiagnosticDescriptor NamesCollide = new("OM1103", "Two names of the model '{0}' give the same C# name; the later one became '{1}'.");

    // OM2xxx: the item's settings.
    public static readonly DiagnosticDescriptor ItemNamesCollide = new("OM2101", "Two OptimizedModel items have the name '{0}', and their outputs would overwrite each other. Give one of them another name with Name=\"...\".");
    public static readonly DiagnosticDescriptor ItemNameInvalid = new("OM2102", "Name=\"{0}\" cannot be the name of a file. Use a name without directories and special characters.");
    public static readonly DiagnosticDescriptor TypeNameInvalid = new("OM2103", "{0}=\"{1}\" cannot be the name of the generated type. Use letters, digits and underscores, and no name of a member that every predictor has.");
    public static readonly DiagnosticDescriptor TypeNamesCollide = new("OM2104", "Two models give the type '{0}', or a type that differs only in case. Give one of them another name with ClassName=\"...\" or Namespace=\"...\".");

    // OM3xxx: a pass.
    public static readonly DiagnosticDescriptor OpsetConversionMissing = new("OM3001", "{0} needs operator set {1}, the model is in {2}, and there is no rule to convert {3}. Export the model with opset {1} or newer.");

    // OM6xxx: I/O and cache.
    public static readonly DiagnosticDescriptor ToolNotFound = new("OM6101", "The model compiler was not found at '{0}'. Restore the ModelCompiler package again, or correct the property {1}.");
    public static readonly DiagnosticDescriptor BuildFilesUnusable = new("OM6102", "A file that the build of the models needs cannot be read or written: {0} Close programs that hold it, and check the permissions and the free space.");

    // OM9xxx: bugs of ours.
    public static readonly DiagnosticDescriptor InternalError = new("OM9001", "Internal error in {0}: {1}. This is a bug of ModelCompiler; please report it with the file '{2}'.");
    public static readonly DiagnosticDescriptor PassBrokeGraph = new("OM9002", "Pass '{0}' broke the graph at node '{1}': {2}. This is a bug of ModelCompiler; please report it with the model.");
}
