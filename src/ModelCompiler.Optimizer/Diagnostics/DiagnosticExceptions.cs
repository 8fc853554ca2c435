using ModelCompiler.Onnx;

namespace ModelCompiler.Diagnostics;

/// <summary>Turns an entry of the table into the exception that carries it to the user.</summary>
internal static class DiagnosticExceptions
{
    public static CompilerException Error(this DiagnosticDescriptor descriptor, params object?[] arguments) =>
        new(descriptor.Id, descriptor.Text(arguments));

    public static CompilerException ErrorIn(this DiagnosticDescriptor descriptor, string file, params object?[] arguments) =>
        new(descriptor.Id, descriptor.Text(arguments), file);
}
