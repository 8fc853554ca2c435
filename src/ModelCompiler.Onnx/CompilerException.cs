using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>The model, its data or the settings are at fault. <see cref="Code"/> and <see cref="Exception.Message"/> are for the user; there is nothing to debug.</summary>
public sealed class CompilerException : Exception
{
    /// <summary>A diagnostic by id and text.</summary>
    public CompilerException(string code, string message, string? file = null, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        File = file;
    }

    internal CompilerException(DiagnosticDescriptor descriptor, params object?[] arguments)
        : this(descriptor.Id, descriptor.Text(arguments)) { }

    /// <summary>The id: <c>OM</c> and four digits.</summary>
    public string Code { get; }

    /// <summary>The file that is at fault, or null.</summary>
    public string? File { get; init; }
}
