using ModelCompiler.Diagnostics;

namespace ModelCompiler.Runtime;

/// <summary>Base of this library's exceptions: each carries the id of a diagnostic and says what to do.</summary>
public class ModelCompilerException : Exception
{
    public ModelCompilerException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    internal ModelCompilerException(DiagnosticDescriptor descriptor, params object?[] arguments)
        : this(descriptor.Id, descriptor.Text(arguments))
    {
    }

    /// <summary>The id of the diagnostic: <c>OM</c> and four digits.</summary>
    public string Code { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Code}: {base.ToString()}";
}
