using Microsoft.CodeAnalysis;
using ModelCompiler.Diagnostics;
using ModelCompiler.Generator.Signatures;
using DiagnosticDescriptor = Microsoft.CodeAnalysis.DiagnosticDescriptor;

namespace ModelCompiler.Generator;

/// <summary>The table's diagnostics in the compiler's terms.</summary>
internal static class GeneratorDiagnostics
{
    private const string Category = "ModelCompiler";

    public static Diagnostic Create(ReportedDiagnostic diagnostic, string manifestPath, string helpPage)
    {
        // A renamed member is worth knowing and harms nothing: as a warning it would break builds that allow none.
        var severity = diagnostic.Descriptor == DiagnosticTable.NamesCollide ? DiagnosticSeverity.Info : DiagnosticSeverity.Error;
        var descriptor = new DiagnosticDescriptor(diagnostic.Descriptor.Id, Category, "{0}", Category, severity, isEnabledByDefault: true, helpLinkUri: HelpLink.To(helpPage, diagnostic.Descriptor.Id));
        return Diagnostic.Create(descriptor, Location.Create(manifestPath, default, default), diagnostic.Text);
    }
}
