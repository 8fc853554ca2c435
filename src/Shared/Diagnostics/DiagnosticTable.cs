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

    public static readonly DiagnosticDescriptor ModelIsLfsPointer = new("OM1008", "The file is a Git LFS pointer and not the model itself. Run 'git lfs pull', and install Git LFS where the build runs.");
    public static readonly DiagnosticDescriptor ModelIsWebPage = new("OM1009", "The file is an HTML or XML page and not a model, as a failed download leaves it. Download the model again, from its raw link.");
    public static readonly DiagnosticDescriptor ModelIsText = new("OM1010", "The file is text and not an ONNX model. Export the model in the binary .onnx format.");
    public static readonly DiagnosticDescriptor ModelEmpty = new("OM1011", "The model file is empty. Download or export it again.");
    public static readonly DiagnosticDescriptor ModelIsCompiled = new("OM1012", "Node '{0}' holds a graph that was compiled for one execution provider ({1}), which cannot be optimized. Use the model that it was compiled from.");
    public static readonly DiagnosticDescriptor ModelExceedsProtobuf = new("OM1013", "The model cannot be written as one file: its tensors take {0} bytes there, and the format allows 2 GiB. Write it with external data.");

    // OM3xxx: a pass.
    public static readonly DiagnosticDescriptor OpsetConversionMissing = new("OM3001", "{0} needs operator set {1}, the model is in {2}, and there is no rule to convert {3}. Export the model with opset {1} or newer.");

    // OM6xxx: I/O and cache.
    public static readonly DiagnosticDescriptor FileUnreadable = new("OM6001", "The file cannot be read: {0} Check its permissions and the disk.");
    public static readonly DiagnosticDescriptor FileUnwritable = new("OM6002", "The file cannot be written: {0} Check the permissions of its folder and the free space.");

    // OM9xxx: bugs of ours.
    public static readonly DiagnosticDescriptor InternalError = new("OM9001", "Internal error in {0}: {1}. This is a bug of ModelCompiler; please report it with the file '{2}'.");
    public static readonly DiagnosticDescriptor PassBrokeGraph = new("OM9002", "Pass '{0}' broke the graph at node '{1}': {2}. This is a bug of ModelCompiler; please report it with the model.");
}
